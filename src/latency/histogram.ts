// Histograms of latencies: nanoseconds, three significant digits, as wide as they need to be.
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, type JsHistogram } from 'hdr-histogram-js';
import { ParseError } from '#domain/errors.ts';
import type { LatencyHistogram } from '#domain/measurement.ts';

/** Values are whole nanoseconds. */
export type Histogram = JsHistogram;

const NS_PER_US = 1000;
/** It grows with what is recorded; this spares most of them the growing. */
const USUAL_HIGHEST_NS = 1e7;

export function makeHistogram(): Histogram {
  const request = { highestTrackableValue: USUAL_HIGHEST_NS, numberOfSignificantValueDigits: 3 } as const;
  return build({ lowestDiscernibleValue: 1, bitBucketSize: 32, autoResize: true, ...request }) as JsHistogram;
}

/** All of them together, in a new one. */
export function mergeHistograms(histograms: readonly Histogram[]): Histogram {
  const merged = makeHistogram();
  for (const histogram of histograms) merged.add(histogram);
  return merged;
}

/** In µs; 0 of an empty one. @param percentile 0 to 100: the least value that so many per cent of the events do not exceed, at the histogram's precision. */
export function percentileUs(histogram: Histogram, percentile: number): number {
  return histogram.getValueAtPercentile(percentile) / NS_PER_US;
}

export function encodeHistogram(histogram: Histogram): LatencyHistogram {
  return {
    hdr: encodeIntoCompressedBase64(histogram),
    count: histogram.totalCount,
    p50Us: percentileUs(histogram, 50),
    p99Us: percentileUs(histogram, 99),
    p999Us: percentileUs(histogram, 99.9),
    p9999Us: percentileUs(histogram, 99.99),
    maxUs: histogram.maxValue / NS_PER_US,
  };
}

/** @throws ParseError when it is no HDR histogram. */
export function parseHistogram({ hdr }: Pick<LatencyHistogram, 'hdr'>): Histogram {
  try {
    const decoded = decodeFromCompressedBase64(hdr, 32) as JsHistogram;
    decoded.autoResize = true;
    return decoded;
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new ParseError(`not an HDR histogram: ${problem}`, {}, { cause: error });
  }
}
