// Histograms: figures that were counted by hand, and the way to text and back.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParseError } from '#domain/errors.ts';
import {
  encodeHistogram,
  type Histogram,
  makeHistogram,
  mergeHistograms,
  parseHistogram,
  percentileUs,
} from './histogram.ts';

function histogramOf(values: Iterable<number>): Histogram {
  const histogram = makeHistogram();
  for (const value of values) histogram.recordValue(value);
  return histogram;
}

const anyNs = fc.array(fc.integer({ min: 0, max: 10_000_000_000 }), { maxLength: 200 });

describe('encodeHistogram()', () => {
  it('tells the percentiles of 1 to 10,000 µs', () => {
    const each = Array.from({ length: 10_000 }, (_, index) => (index + 1) * 1000);
    const { count, p50Us, p99Us, p999Us, p9999Us, maxUs } = encodeHistogram(histogramOf(each));
    expect(count).toBe(10_000);
    for (const [found, exact] of [
      [p50Us, 5000],
      [p99Us, 9900],
      [p999Us, 9990],
      [p9999Us, 9999],
      [maxUs, 10_000],
    ] as const) {
      expect(Math.abs(found / exact - 1)).toBeLessThan(0.001);
    }
  });

  it('has every other percentile too', () => {
    const histogram = histogramOf(Array.from({ length: 1000 }, (_, index) => (index + 1) * 1000));
    expect(percentileUs(histogram, 0)).toBe(1);
    expect(Math.abs(percentileUs(histogram, 25) / 250 - 1)).toBeLessThan(0.002);
  });

  it('is all zeros for an empty one', () => {
    const { hdr: _, ...figures } = encodeHistogram(makeHistogram());
    expect(figures).toEqual({ count: 0, p50Us: 0, p99Us: 0, p999Us: 0, p9999Us: 0, maxUs: 0 });
  });

  it('takes values far beyond the usual: a guest that was paused for an hour', () => {
    const { maxUs } = encodeHistogram(histogramOf([3.6e12]));
    expect(maxUs / 3.6e9).toBeCloseTo(1, 2);
  });
});

describe('parseHistogram()', () => {
  it('reads what was encoded, with the same figures', () => {
    fc.assert(
      fc.property(anyNs, values => {
        const { maxUs, ...encoded } = encodeHistogram(histogramOf(values));
        const { maxUs: maxAgain, ...again } = encodeHistogram(parseHistogram(encoded));
        expect(again).toEqual(encoded);
        expect(Math.abs(maxAgain - maxUs)).toBeLessThanOrEqual(maxUs / 1000 + 0.001);
      }),
    );
  });

  it.each(['', 'x', 'AAAA', 'HISTFAAAAAA='])('rejects %j', hdr => {
    expect(() => parseHistogram({ hdr })).toThrow(ParseError);
  });
});

describe('mergeHistograms()', () => {
  it('counts what was counted apart', () => {
    fc.assert(
      fc.property(anyNs, anyNs, (some, others) => {
        const apart = [histogramOf(some), histogramOf(others)];
        const merged = mergeHistograms(apart.map(one => parseHistogram(encodeHistogram(one))));
        const together = histogramOf([...some, ...others]);
        expect(merged.totalCount).toBe(together.totalCount);
        for (const percentile of [1, 50, 99, 100]) {
          expect(merged.getValueAtPercentile(percentile)).toBe(together.getValueAtPercentile(percentile));
        }
      }),
    );
  });
});
