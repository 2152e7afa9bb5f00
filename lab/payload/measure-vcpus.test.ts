// Measures of reports that are made up.
import { describe, expect, it } from 'vitest';
import { measureVcpus } from './measure-vcpus.ts';
import type { PayloadReport, VcpuCounts } from './parse-payload-report.ts';

type Counts = readonly [loops: number, lostUs: number, longestGapUs: number];

function makeReport(number: number, atMs: number, vcpus: Readonly<Record<number, Counts>>): PayloadReport {
  const counts = Object.entries(vcpus).map(([id, [loops, lostUs, longestGapUs]]): [number, VcpuCounts] => [
    Number(id),
    { loops, lostUs, longestGapUs, gaps: new Map() },
  ]);
  const head = { number, atUs: atMs * 1000, tscKHz: 2_000_000, gapFloorUs: 50, touchedMiB: 0 };
  return { ...head, vcpus: new Map(counts) };
}

describe('measureVcpus()', () => {
  it('takes what happened between the first report and the last', () => {
    const reports = [
      makeReport(3, 1500, { 0: [1000, 70_000, 9000], 1: [900, 80_000, 100] }),
      makeReport(4, 2000, { 0: [1500, 70_000, 0], 1: [1000, 300_000, 60_000] }),
      makeReport(5, 3500, { 0: [3000, 70_000, 0], 1: [1300, 1_580_000, 40_000] }),
    ];
    expect(measureVcpus(reports)).toEqual(
      new Map([
        [0, { loopsPerS: 1000, share: 1, longestGapUs: 0 }],
        [1, { loopsPerS: 200, share: 0.25, longestGapUs: 60_000 }],
      ]),
    );
  });

  it('leaves out a vCPU that was plugged in later', () => {
    const reports = [makeReport(1, 500, { 0: [1, 0, 0] }), makeReport(2, 1000, { 0: [2, 0, 0], 1: [9, 0, 0] })];
    expect([...measureVcpus(reports).keys()]).toEqual([0]);
  });

  it('gives no share below 0 when a gap is longer than the time between the reports', () => {
    const reports = [makeReport(1, 500, { 0: [1, 0, 0] }), makeReport(2, 1000, { 0: [1, 700_000, 700_000] })];
    expect(measureVcpus(reports).get(0)?.share).toBe(0);
  });

  it.each([
    ['no report', []],
    ['one report', [makeReport(1, 500, { 0: [1, 0, 0] })]],
    ['a vCPU that is gone', [makeReport(1, 500, { 0: [1, 0, 0] }), makeReport(2, 1000, {})]],
  ])('is not asked about %s', (_, reports) => {
    expect(() => measureVcpus(reports)).toThrow('internal error');
  });
});
