// Tests of imported runs as measurements: every event counted, the largest ones where they are known to be.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeImport } from './describe-import.ts';
import { parseCyclictestText } from './import-cyclictest-text.ts';
import type { ImportedBlock, ImportedRun } from './imported-run.ts';

const AT = '2026-11-01T12:00:00.000Z';

const block = (more: Partial<ImportedBlock>): ImportedBlock => {
  return { startS: 0, seconds: 1, bins: [{ us: 10, count: 99 }], beyond: 0, maxUs: 10, ...more };
};

describe('describeImport()', () => {
  it('counts all events of a real file, those beyond its histogram as the largest', () => {
    const run = parseCyclictestText(readFileSync('fixtures/latency/cyclictest-h.txt', 'latin1'), { file: 'h.txt' });
    const { instrument, phase, block: only, beyond } = describeImport(run, AT);
    expect({ instrument, beyond, count: phase.all.count }).toEqual({
      instrument: 'cyclictest',
      beyond: 154,
      count: 1000,
    });
    expect(phase.vcpus.map(({ latency }) => [latency.count, Math.round(latency.maxUs)])).toEqual([
      [500, 88],
      [500, 793],
    ]);
    expect(phase.all.p50Us).toBeLessThan(60);
    expect(phase.all.p99Us).toBeGreaterThan(60);
    expect(only).toMatchObject({ intervals: [], startedAt: AT, all: phase.all });
  });

  it('makes intervals of what a log says about the course of time', () => {
    const late = block({ startS: 5, seconds: 2, bins: [{ us: 1000, count: 1 }], maxUs: 1000 });
    const run: ImportedRun = {
      source: 'hdr-log',
      command: null,
      series: [
        { name: 'a', cpu: null, blocks: [late, block({})] },
        { name: 'b', cpu: null, blocks: [block({})] },
      ],
    };
    const { phase, block: only } = describeImport(run, AT);
    expect(phase.seconds).toBe(7);
    expect(only.intervals.map(({ atS, count }) => [atS, count])).toEqual([
      [0, 198],
      [5, 1],
    ]);
    expect(only.intervals[1]?.p50Us).toBeCloseTo(1000, -1);
  });

  it('keeps nanoseconds', () => {
    const run: ImportedRun = {
      source: 'cyclictest',
      command: null,
      series: [{ name: 'a', cpu: 1, blocks: [block({ bins: [{ us: 0.25, count: 3 }], maxUs: 0.25 })] }],
    };
    expect(describeImport(run, AT).phase.all).toMatchObject({ count: 3, p50Us: 0.25, maxUs: 0.25 });
  });
});
