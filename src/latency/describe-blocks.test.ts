// From readings to what is stored: which blocks count, and what is added up.
import { describe, expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { PHASES, type PhaseName } from '#domain/measurement.ts';
import { describeBlocks, type ReadBlock } from './describe-blocks.ts';
import { makeHistogram } from './histogram.ts';

/** Two vCPUs with 30 events each, of `us` microseconds and twice as much. */
function block(phase: PhaseName, round: number, us: number, migrations: number | null = 2): ReadBlock {
  const vcpus = [0, 1].map(vcpu => {
    const latency = makeHistogram();
    for (let event = 0; event < 30; event++) latency.recordValue((vcpu + 1) * us * 1000);
    return { vcpu, latency, migrations, preemptions: 1 };
  });
  const cpu = phase === 'asPlanned' ? 4 : 0;
  return {
    ...{ phase, round, startedAt: '2026-01-01T00:00:00.000Z', emulator: cpuSet([0]) },
    reading: { seconds: 2, vcpus, intervals: [], lost: 0 },
    cpus: new Map([
      [0, cpuSet([cpu])],
      [1, cpuSet([cpu + 1])],
    ]),
  };
}

const round = (number: number) => PHASES.map(phase => block(phase, number, phase === 'asPlanned' ? 10 : 40));

describe('describeBlocks()', () => {
  it('adds the blocks of each phase up, vCPU by vCPU', () => {
    const { phases, comparison } = describeBlocks([...round(1), ...round(2), ...round(3)]);
    expect(phases.map(({ name, seconds }) => [name, seconds])).toEqual(PHASES.map(phase => [phase, 6]));
    const planned = phases[1];
    expect(planned?.vcpus.map(({ vcpu, cpus, migrations }) => [vcpu, [...cpus], migrations])).toEqual([
      [0, [4], 6],
      [1, [5], 6],
    ]);
    expect(planned?.all.count).toBe(180);
    expect(comparison).toMatchObject({ verdict: 'better', rounds: 3 });
    expect(comparison?.percentiles[0]?.ratio.value).toBeCloseTo(0.25, 2);
  });

  it('keeps blocks of a round that was broken off, and compares without them', () => {
    const { blocks, phases, comparison } = describeBlocks([...round(1), ...round(2).slice(0, 2)]);
    expect(blocks).toHaveLength(5);
    expect(phases.map(({ seconds }) => seconds)).toEqual([2, 2, 2]);
    expect(comparison).toMatchObject({ verdict: 'too-little', rounds: 1 });
  });

  it('has no phases without a whole round', () => {
    expect(describeBlocks([])).toMatchObject({
      blocks: [],
      phases: [],
      comparison: { verdict: 'too-little', rounds: 0 },
    });
    expect(describeBlocks(round(1).slice(0, 1)).phases).toEqual([]);
  });

  it('does not add up what was not counted', () => {
    const uncounted = PHASES.map(phase => block(phase, 1, 10, null));
    expect(describeBlocks(uncounted).phases[0]?.vcpus[0]).toMatchObject({ migrations: null, preemptions: 1 });
  });
});
