// From what was read in each block to what is stored: figures of blocks and phases, and their comparison.
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import {
  type LatencyComparison,
  type MeasuredBlock,
  type MeasuredPhase,
  type MeasuredVcpu,
  PHASES,
  type PhaseName,
} from '#domain/measurement.ts';
import type { BlockReading } from './block-reading.ts';
import { compareRounds, type LatencyRound } from './compare-rounds.ts';
import { encodeHistogram, type Histogram, mergeHistograms } from './histogram.ts';
import type { VcpuReading } from './run-delays.ts';
import { seededRandom } from './seeded-random.ts';

/** One block with where the guest was allowed meanwhile. */
export interface ReadBlock {
  readonly phase: PhaseName;
  readonly round: number;
  readonly startedAt: string;
  readonly reading: BlockReading;
  /** By vCPU. */
  readonly cpus: ReadonlyMap<number, CpuSet>;
  readonly emulator: CpuSet | null;
}

export interface DescribedBlocks {
  readonly blocks: readonly MeasuredBlock[];
  readonly phases: readonly MeasuredPhase[];
  readonly comparison: LatencyComparison | null;
}

/** The same blocks give the same figures. */
export function describeBlocks(blocks: readonly ReadBlock[]): DescribedBlocks {
  const rounds = [...new Set(blocks.map(({ round }) => round))].map(round =>
    PHASES.map(phase => find(blocks, phase, round)),
  );
  const complete = rounds.flatMap(([first, planned, last]) =>
    first === undefined || planned === undefined || last === undefined ? [] : [[first, planned, last] as const],
  );
  const phaseBlocks = PHASES.map((name, index) => ({ name, blocks: complete.flatMap(round => round[index] ?? []) }));
  return {
    blocks: blocks.map(describeBlock),
    phases: complete.length === 0 ? [] : phaseBlocks.map(describePhase),
    comparison: compareRounds(complete.map(describeRound), seededRandom(complete.length)),
  };
}

const find = (blocks: readonly ReadBlock[], phase: PhaseName, round: number): ReadBlock | undefined =>
  blocks.find(block => block.phase === phase && block.round === round);

const allOf = ({ reading }: ReadBlock): Histogram => mergeHistograms(reading.vcpus.map(({ latency }) => latency));

function describeRound([first, planned, last]: readonly [ReadBlock, ReadBlock, ReadBlock]): LatencyRound {
  return { asFound: allOf(first), asPlanned: allOf(planned), asFoundAgain: allOf(last) };
}

function describeBlock(block: ReadBlock): MeasuredBlock {
  const { phase, round, startedAt, reading } = block;
  return {
    ...{ phase, round, startedAt, seconds: reading.seconds },
    all: encodeHistogram(allOf(block)),
    vcpus: reading.vcpus.map(vcpu => describeVcpu([vcpu], block)),
    intervals: reading.intervals,
    lost: reading.lost,
  };
}

function describePhase({ name, blocks }: { name: PhaseName; blocks: readonly ReadBlock[] }): MeasuredPhase {
  const readings = blocks.flatMap(({ reading }) => reading.vcpus);
  const vcpus = [...new Set(readings.map(({ vcpu }) => vcpu))].sort((a, b) => a - b);
  return {
    name,
    seconds: blocks.reduce((sum, { reading }) => sum + reading.seconds, 0),
    emulator: blocks[0]?.emulator ?? null,
    all: encodeHistogram(mergeHistograms(readings.map(({ latency }) => latency))),
    vcpus: vcpus.map(index =>
      describeVcpu(
        readings.filter(({ vcpu }) => vcpu === index),
        blocks[0],
      ),
    ),
  };
}

/** @param readings of one vCPU */
function describeVcpu(readings: readonly VcpuReading[], block: ReadBlock | undefined): MeasuredVcpu {
  const vcpu = readings[0]?.vcpu ?? 0;
  return {
    vcpu,
    cpus: block?.cpus.get(vcpu) ?? cpuSet(),
    latency: encodeHistogram(mergeHistograms(readings.map(({ latency }) => latency))),
    migrations: sumOf(readings.map(({ migrations }) => migrations)),
    preemptions: sumOf(readings.map(({ preemptions }) => preemptions)),
  };
}

const sumOf = (counts: readonly (number | null)[]): number | null =>
  counts.reduce((sum: number | null, count) => (sum === null || count === null ? null : sum + count), 0);
