// The summary's numbers, from blocks whose delays are known and from a measurement as it is stored.
import { describe, expect, it } from 'vitest';
import { measurementJson } from '#contract/measurement.ts';
import { encodeJson } from '#contract/read-json.ts';
import { sampleMeasurement } from '#fixtures/sample-measurement.ts';
import { encodeHistogram, makeHistogram } from '#latency/histogram.ts';
import { CASES, type LabBlock } from './lab-blocks.ts';
import { summarizeLatency } from './summarize-latency.ts';

const DELAYS_US: Readonly<Record<string, number>> = {
  partition: 1,
  confine: 5,
  boot: 10,
  placed: 6,
  bare: 3,
  'bare-again': 3,
};

/** Whatever has no delay of its own waits for 50 µs. */
const makeRounds = (part: LabBlock['part'], count: number): readonly LabBlock[] =>
  Array.from({ length: count }, (_, index) =>
    CASES[part].map((name): LabBlock => {
      const histogram = makeHistogram();
      histogram.recordValueWithCount((DELAYS_US[name] ?? 50) * 1000, 100);
      const foreign = name === 'confine' ? ['sh'] : name === 'partition' ? [] : null;
      return {
        ...{ part, case: name, round: index + 1, seconds: 1, hdr: encodeHistogram(histogram).hdr },
        ...{ lost: 0, preemptions: 0, migrations: 0, cpus: '1', foreign },
      };
    }),
  ).flat();

const measurement: unknown = JSON.parse(
  encodeJson(measurementJson, { schema: 'berth/measurement/1', ...sampleMeasurement }),
);

describe('summarizeLatency()', () => {
  it('says how many times longer the unpinned vCPU waits, and who ran beside the placed one', () => {
    const { summary } = summarizeLatency(makeRounds('placements', 3), null);
    expect(summary.runDelayP999Ratio).toBeCloseTo(50, 0);
    expect(summary.runDelayP999RatioLow).toBeLessThanOrEqual(summary.runDelayP999RatioHigh ?? 0);
    expect(summary).toMatchObject({ foreignTasks: 0 });
    expect(Object.keys(summary)).not.toContain('placedVsBareP999');
  });

  it('compares a host that was booted with isolated CPUs with itself, and leaves the summary to the live rung', () => {
    const { summary, cases } = summarizeLatency([...makeRounds('placements', 3), ...makeRounds('boot', 3)], null);
    expect(summary.runDelayP999Ratio).toBeCloseTo(50, 0);
    const boot = cases.find(one => (one as { case?: string }).case === 'boot');
    expect(boot).toMatchObject({ part: 'boot', rounds: 3, p999Ratio: { value: expect.closeTo(0.2, 2) } });
  });

  it('says how much longer the placed vCPU waits than a bare thread, and that one than itself', () => {
    const { summary } = summarizeLatency(makeRounds('limit', 3), null);
    expect(summary.placedVsBareP999).toBeCloseTo(2, 1);
    expect(summary.bareVsBareP999).toBeCloseTo(1, 5);
  });

  it('says how many times later timers in the guest are as found', () => {
    const found = sampleMeasurement.comparison?.percentiles.find(({ percentile }) => percentile === 99.9)?.ratio;
    const { summary, cases } = summarizeLatency([], measurement);
    expect(summary.guestP999Ratio).toBeCloseTo(1 / (found?.value ?? 0), 6);
    expect(summary.guestP999RatioLow).toBeCloseTo(1 / (found?.high ?? 0), 6);
    expect(cases).toEqual([{ measurement }]);
  });

  it('keeps the blocks, from which all of it can be made again', () => {
    const blocks = makeRounds('limit', 3);
    const again = summarizeLatency(blocks, null).cases.find(one => 'blocks' in (one as object));
    expect(again).toEqual({ blocks });
  });

  it('says nothing of what was not measured', () => {
    expect(summarizeLatency([], null)).toEqual({ summary: {}, cases: [] });
  });
});
