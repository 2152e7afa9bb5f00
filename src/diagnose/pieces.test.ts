// However looks and readings lie against each other, no time is lost or made when it is cut.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuId } from '#domain/ids.ts';
import type { CpuTimesReading, ThreadSample } from '#domain/sampling.ts';
import { intervalsOf } from './intervals.ts';
import { piecesOf } from './pieces.ts';

const NS_PER_MS = 1_000_000;
const looksAt = (...times: readonly number[]): readonly CpuTimesReading[] =>
  times.map(atMs => ({ atMs, cpus: new Map() }));

/** A thread that runs all the time and is at `[ms, CPU]`. */
const busy = (...seen: readonly (readonly [number, number])[]): ThreadSample => ({
  ...{ tid: 1, name: '' },
  readings: seen.map(([atMs, cpu]) => ({
    ...{ atMs, runNs: atMs * NS_PER_MS, waitNs: 0, slices: 0, cpu: cpuId(cpu), isReady: true },
  })),
});
const cut = (thread: ThreadSample, looks: readonly CpuTimesReading[]) =>
  piecesOf(thread, looks).map(({ slot, cpu, runNs }) => [slot, cpu, Math.round(runNs / NS_PER_MS)]);

describe('piecesOf()', () => {
  it('cuts an interval at each look', () => {
    expect(cut(busy([10, 1], [40, 1]), looksAt(0, 20, 30, 50))).toEqual([
      [0, 1, 10],
      [1, 1, 10],
      [2, 1, 10],
    ]);
  });

  it('gives each CPU of an interval half', () => {
    expect(cut(busy([0, 1], [20, 2]), looksAt(0, 20))).toEqual([
      [0, 1, 10],
      [0, 2, 10],
    ]);
  });

  it('counts what lies outside to the first slot and to the last', () => {
    expect(cut(busy([0, 1], [10, 1], [60, 1]), looksAt(5, 30, 50))).toEqual([
      [0, 1, 10],
      [0, 1, 20],
      [1, 1, 30],
    ]);
  });

  it('has nothing without two looks', () => {
    expect(cut(busy([0, 1], [10, 1]), looksAt(5))).toEqual([]);
  });

  it('keeps the sum', () => {
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 12 });
    const sorted = times.map(list => list.sort((a, b) => a - b));
    fc.assert(
      fc.property(sorted, sorted, (looks, readings) => {
        const thread = busy(...readings.map((atMs, index) => [atMs, index % 3] as const));
        const sum = (parts: readonly { readonly runNs: number }[]) =>
          parts.reduce((total, { runNs }) => total + runNs, 0);
        expect(sum(piecesOf(thread, looksAt(...looks)))).toBeCloseTo(sum(intervalsOf(thread)), 0);
      }),
    );
  });
});
