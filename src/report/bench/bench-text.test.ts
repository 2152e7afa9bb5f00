// Tests of what a terminal shows of latency runs: its width, its letters, lists and comparisons.
import { describe, expect, it } from 'vitest';
import { sampleMeasurement } from '#fixtures/sample-measurement.ts';
import { makePaint } from '../paint.ts';
import { renderBenchComparison, renderBenchList } from './bench-list-text.ts';
import { renderBenchSummary } from './bench-text.ts';
import { renderSpark } from './spark.ts';

const plain = makePaint(false);
const summary = (changes: object, width = 80) =>
  renderBenchSummary({ ...sampleMeasurement, ...changes }, { paint: plain, width, spark: 'blocks' });

describe('renderBenchSummary()', () => {
  it.each([
    ['a usual run', {}],
    ['one run', { comparison: null }],
    ['nothing measured', { comparison: null, phases: [], blocks: [] }],
    [
      'one that ended early',
      { endedEarly: 'the guest was shut down in round 2, and then a long story follows about the disk being full' },
    ],
  ])('fits into 80 columns for %s', (_, changes) => {
    for (const line of summary(changes).split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('begins with the verdict, and tells ratios with intervals beside the noise floor', () => {
    const [first, ...rest] = summary({}).split('\n');
    expect(first).toBe('Guest 101 database: less latency as planned');
    expect(rest.join('\n')).toMatch(/p99\.9 +700 µs +29\.4 µs +0\.042 \(0\.035 to 0\.049\) +1\.02 \(0\.89 to 1\.14\)/);
  });

  it('has a line for each phase in both charts, with letters alone where there are no blocks', () => {
    const text = renderBenchSummary(sampleMeasurement, { paint: plain, width: 80, spark: 'ascii' });
    expect(text.match(/^as planned {6}[ .:\-=+*%#]+$/gm)).toHaveLength(2);
    expect(text).not.toMatch(/[▁-█]/);
    expect(summary({})).toMatch(/^as planned +[▁-█]+$/m);
  });

  it('draws colours only when there are some', () => {
    expect(summary({})).not.toContain('\u001b');
    expect(renderBenchSummary(sampleMeasurement, { paint: makePaint(true), width: 80, spark: 'blocks' })).toContain(
      '\u001b[',
    );
  });
});

describe('renderSpark()', () => {
  it('shows everything above 0, and ends at its highest', () => {
    expect(renderSpark([0, 0.001, 0.5, 1, 2], 'blocks')).toBe(' ▁▅██');
    expect(renderSpark([0, 0.001, 0.5, 1], 'ascii')).toBe(' .+#');
  });
});

describe('renderBenchList()', () => {
  it('has a line for each, and words for none', () => {
    const early = { ...sampleMeasurement, id: '0004', comparison: null, endedEarly: 'x', phases: [] };
    expect(renderBenchList([sampleMeasurement, early], plain).split('\n')).toEqual([
      'id    when (UTC)        guest         mode  p99.9    ratio  verdict',
      '0003  2026-11-01 12:00  101 database  host  29.4 µs  0.042  less latency as planned',
      '0004  2026-11-01 12:00  101 database  host  –        –      one run, nothing to compare it with, ended early',
      '',
    ]);
    expect(renderBenchList([], plain)).toMatch(/^No latency was measured on this node yet/);
  });
});

describe('renderBenchComparison()', () => {
  const [first] = sampleMeasurement.comparison?.percentiles ?? [];
  if (sampleMeasurement.comparison === null || first === undefined) throw new Error('the sample has a comparison');
  const apart = { ...first, ratio: { value: 2, low: 1.8, high: 2.2 } };
  const other = {
    ...sampleMeasurement,
    ...{ id: '0007', node: 'pve2', load: { kind: 'built-in', workers: 2 } as const },
    comparison: { ...sampleMeasurement.comparison, percentiles: [apart] },
  };

  it('sets the ratios beside each other, says whether intervals overlap and what differs', () => {
    const text = renderBenchComparison(sampleMeasurement, other, plain);
    expect(text).toMatch(/p50 +0\.97 \(0\.92 to 1\.03\) +2\.00 \(1\.80 to 2\.20\) +intervals apart/);
    expect(text).not.toContain('p99 ');
    expect(text).toContain(
      'Not the same node: pve1 and pve2.\nNot the same made load: none and built-in.\nThey were not measured in turns',
    );
    expect(renderBenchComparison(sampleMeasurement, sampleMeasurement, plain)).toContain('intervals overlap');
  });

  it('falls back on the figures of runs that compared nothing', () => {
    const alone = { ...other, comparison: null };
    expect(renderBenchComparison(sampleMeasurement, alone, plain)).toMatch(/p99\.9 +29\.4 µs +29\.4 µs/);
    expect(renderBenchComparison(alone, { ...alone, phases: [] }, plain)).toContain(
      'One of them has no complete round.',
    );
  });
});
