// Puts right what a timer test omits: while it is late it does not start the tests that were due meanwhile.
import { type Histogram, makeHistogram } from './histogram.ts';

/**
 * cyclictest, a thread of which sleeps until the next multiple of its interval, passes over the multiples that it has missed: a stall of
 * 10 ms is one event, where a timer every 200 µs would have been late 50 times. Each event that is later than the interval therefore stands
 * for those that it hid, each earlier by one interval.
 * Not for run-queue delays: a vCPU thread becomes ready when the guest has something to do, not at an interval; nor for histograms
 * of load generators that were corrected already.
 */
export function correctOmission(histogram: Histogram, intervalNs: number): Histogram {
  const corrected = makeHistogram();
  corrected.addWhileCorrectingForCoordinatedOmission(histogram, intervalNs);
  return corrected;
}
