// Blocks of a part, round by round → how much longer one case waits than another, and how much the same case differs from itself.
import type { Estimate } from '#domain/measurement.ts';
import { bootstrapMean } from '#latency/bootstrap-mean.ts';
import { type Histogram, mergeHistograms, parseHistogram, percentileUs } from '#latency/histogram.ts';
import { seededRandom } from '#latency/seeded-random.ts';
import { CASES, type CaseName, type LabBlock, type LabPart } from './lab-blocks.ts';

/** The least number of rounds that has an interval. */
const FEWEST_ROUNDS = 3;

export interface CaseFigures {
  readonly part: LabPart;
  readonly case: CaseName;
  readonly rounds: number;
  readonly seconds: number;
  readonly events: number;
  readonly lost: number;
  /** Of all rounds' events together. */
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maxUs: number;
  readonly preemptions: number;
  readonly migrations: number;
  /** Different names of strangers on its CPU, over all rounds; null where it has no CPU of its own. */
  readonly foreign: readonly string[] | null;
  /** Without the rounds' first and last block as reference, or with fewer than three rounds: null. */
  readonly p99Ratio: Estimate | null;
  readonly p999Ratio: Estimate | null;
}

type Percentile = 50 | 99 | 99.9;

/** Of complete rounds. Ratios are those of a case to the mean of its round's first and last block, which are the same case; of the last block, to the first. */
export function compareBlocks(part: LabPart, blocks: readonly LabBlock[]): readonly CaseFigures[] {
  const rounds = completeRounds(part, blocks);
  return CASES[part].map(name => {
    const own = rounds.flatMap(round => round.get(name) ?? []);
    const all = mergeHistograms(own.map(block => parseHistogram(block)));
    const sum = (count: (block: LabBlock) => number) => own.reduce((total, block) => total + count(block), 0);
    return {
      ...{ part, case: name, rounds: rounds.length, seconds: sum(({ seconds }) => seconds) },
      ...{ events: all.totalCount, lost: sum(({ lost }) => lost) },
      p50Us: percentileUs(all, 50),
      p99Us: percentileUs(all, 99),
      p999Us: percentileUs(all, 99.9),
      maxUs: all.maxValue / 1000,
      preemptions: sum(({ preemptions }) => preemptions),
      migrations: sum(({ migrations }) => migrations),
      foreign: own.some(({ foreign }) => foreign === null)
        ? null
        : [...new Set(own.flatMap(({ foreign }) => foreign ?? []))].sort(),
      p99Ratio: ratioOf(name, 99, { part, rounds }),
      p999Ratio: ratioOf(name, 99.9, { part, rounds }),
    };
  });
}

type Round = ReadonlyMap<CaseName, LabBlock>;

function completeRounds(part: LabPart, blocks: readonly LabBlock[]): readonly Round[] {
  const byRound = new Map<number, Map<CaseName, LabBlock>>();
  for (const block of blocks) {
    if (block.part !== part) continue;
    const round = byRound.get(block.round) ?? new Map<CaseName, LabBlock>();
    byRound.set(block.round, round.set(block.case, block));
  }
  return [...byRound.values()].filter(({ size }) => size === CASES[part].length);
}

function ratioOf(
  name: CaseName,
  percentile: Percentile,
  { part, rounds }: { readonly part: LabPart; readonly rounds: readonly Round[] },
): Estimate | null {
  const cases: readonly CaseName[] = CASES[part];
  const [first, last] = [cases[0], cases.at(-1)];
  if (first === undefined || last === undefined || name === first || rounds.length < FEWEST_ROUNDS) return null;
  const logs = rounds.map(round => {
    const of = (which: CaseName) => logOf(round.get(which), percentile);
    return of(name) - (name === last ? of(first) : (of(first) + of(last)) / 2);
  });
  const { value, low, high } = bootstrapMean(logs, seededRandom(rounds.length));
  return { value: Math.exp(value), low: Math.exp(low), high: Math.exp(high) };
}

/** Nothing is faster than 1 ns. */
function logOf(block: LabBlock | undefined, percentile: Percentile): number {
  const histogram: Histogram | null = block === undefined ? null : parseHistogram(block);
  return Math.log(Math.max(1, histogram?.getValueAtPercentile(percentile) ?? 1));
}
