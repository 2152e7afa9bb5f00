// Whole distributions beside each other: shares at given values, and how often an event of one is later than one of the other.
import type { Histogram } from './histogram.ts';

/** The share of events that are at most each of `values`, which ascend (ns). */
export function sharesUpTo(histogram: Histogram, values: readonly number[]): readonly number[] {
  const total = histogram.totalCount;
  let index = 0;
  let sum = 0;
  return values.map(value => {
    const last = Math.min(histogram.countsArrayIndex(value), histogram.countsArrayLength - 1);
    for (; index <= last; index++) sum += histogram.getCountAtIndex(index);
    return total === 0 ? 0 : sum / total;
  });
}

/**
 * Cliff's delta: how often an event of `a` is later than one of `b`, less how often it is earlier; -1 to 1. Events that fall into the same
 * class of the histograms count as equal.
 */
export function cliffsDelta(a: Histogram, b: Histogram): number {
  const length = Math.max(a.countsArrayLength, b.countsArrayLength);
  const countAt = (histogram: Histogram, index: number) =>
    index < histogram.countsArrayLength ? histogram.getCountAtIndex(index) : 0;
  let below = 0;
  let sum = 0;
  for (let index = 0; index < length; index++) {
    const [ofA, ofB] = [countAt(a, index), countAt(b, index)];
    // An event of `a` here is later than all of `b` so far, and earlier than those that come.
    sum += ofA * (below - (b.totalCount - below - ofB));
    below += ofB;
  }
  return sum / (a.totalCount * b.totalCount);
}
