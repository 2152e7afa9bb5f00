// What an imported run becomes.
import { describe, expect, it } from 'vitest';
import { describeImport } from './describe-import.ts';

const block = {
  startS: null,
  seconds: 2,
  bins: [
    { us: 5, count: 90 },
    { us: 9, count: 8 },
  ],
  beyond: 2,
  maxUs: 20_000,
};

describe('describeImport()', () => {
  const { blocks, phases } = describeImport(
    {
      ...{ source: 'cyclictest', command: null },
      series: [
        { name: '0', cpu: 0, blocks: [block, block] },
        { name: '1', cpu: 1, blocks: [{ ...block, beyond: 0 }] },
      ],
    },
    '2026-01-01T00:00:00.000Z',
  );

  it('counts every value, those beyond the last bin at the maximum', () => {
    const [first, second] = phases[0]?.vcpus ?? [];
    expect(first?.latency).toMatchObject({ count: 200, maxUs: 20_000 });
    expect(first?.latency.p50Us).toBeCloseTo(5, 1);
    expect(second?.latency).toMatchObject({ count: 98, maxUs: 9 });
    expect(phases[0]?.all.count).toBe(298);
  });

  it('is one block, as long as the longest series', () => {
    expect(blocks).toHaveLength(1);
    expect(blocks[0]).toMatchObject({ phase: 'asFound', round: 1, seconds: 4 });
    expect(phases.map(({ name }) => name)).toEqual(['asFound']);
  });

  it('keeps the course of time that a log has', () => {
    expect(blocks[0]?.intervals).toEqual([]);
    const at = (startS: number) => ({ ...block, startS });
    const series = [
      { name: 'a', cpu: null, blocks: [at(5), at(0)] },
      { name: 'b', cpu: null, blocks: [at(0)] },
    ];
    const log = describeImport({ source: 'hdr-log', command: null, series }, '2026-01-01T00:00:00.000Z');
    expect(log.blocks[0]?.intervals.map(({ atS, count }) => [atS, count])).toEqual([
      [0, 200],
      [5, 100],
    ]);
  });
});
