// Counters between two looks: waits that began before or last still, and ids that were used again.
import { describe, expect, it } from 'vitest';
import { cpuId } from '#domain/ids.ts';
import type { ThreadReading } from '#domain/sampling.ts';
import { intervalsOf } from './intervals.ts';

const reading = (more: Partial<ThreadReading>): ThreadReading => ({
  ...{ atMs: 0, runNs: 5_000_000, waitNs: 7_000_000, slices: 9, cpu: cpuId(1), isReady: false },
  ...more,
});
const intervals = (from: Partial<ThreadReading>, to: Partial<ThreadReading>) =>
  intervalsOf({ tid: 1, name: '', readings: [reading(from), reading({ atMs: 10, ...to })] });

describe('intervalsOf()', () => {
  it('takes the difference of the counters', () => {
    expect(intervals({}, { runNs: 8_000_000, waitNs: 9_000_000, slices: 12 })).toEqual([
      { fromMs: 0, toMs: 10, runNs: 3_000_000, waitNs: 2_000_000, slices: 3, cpus: [1] },
    ]);
  });

  it('has both CPUs of a thread that moved', () => {
    expect(intervals({}, { cpu: cpuId(4) })[0]?.cpus).toEqual([1, 4]);
  });

  it('cuts off what a wait lasted before', () => {
    expect(intervals({}, { runNs: 8_000_000, waitNs: 900_000_000, slices: 10 })[0]?.waitNs).toBe(7_000_000);
  });

  it('cuts off what was run before', () => {
    expect(intervals({}, { runNs: 900_000_000 })[0]).toMatchObject({ runNs: 10_000_000, waitNs: 0 });
  });

  it('counts a wait that has not ended', () => {
    expect(intervals({ isReady: true }, { isReady: true })[0]?.waitNs).toBe(10_000_000);
  });

  it.each([
    ['a thread that sleeps at the end', { isReady: true }, {}],
    ['a thread that slept at first', {}, { isReady: true }],
  ])('counts no wait of %s', (_, from, to) => {
    expect(intervals(from, to)[0]?.waitNs).toBe(0);
  });

  it.each([
    ['run time', { runNs: 4_000_000 }],
    ['wait time', { waitNs: 6_000_000 }],
    ['slices', { slices: 8 }],
    ['the clock', { atMs: 0 }],
  ])('leaves out an interval in which %s did not go forwards', (_, to) => {
    expect(intervals({}, to)).toEqual([]);
  });

  it('has none of a thread that was seen once', () => {
    expect(intervalsOf({ tid: 1, name: '', readings: [reading({})] })).toEqual([]);
  });
});
