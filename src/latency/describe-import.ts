// Latencies that were taken elsewhere, as a measurement of one phase has them.
import { cpuSet } from '#domain/id-set.ts';
import type { LatencyInterval, MeasuredBlock, MeasuredPhase } from '#domain/measurement.ts';
import { encodeHistogram, type Histogram, makeHistogram, mergeHistograms } from './histogram.ts';
import type { ImportedBlock, ImportedRun } from './imported-run.ts';

const NS_PER_US = 1000;

/** One phase, and one block with everything in it; each series stands for a vCPU, in the file's order. */
export function describeImport(
  run: ImportedRun,
  startedAt: string,
): { readonly blocks: readonly MeasuredBlock[]; readonly phases: readonly MeasuredPhase[] } {
  const histograms = run.series.map(({ blocks }) => mergeHistograms(blocks.map(histogramOf)));
  const all = encodeHistogram(mergeHistograms(histograms));
  const seconds = run.series.reduce(
    (most, { blocks }) =>
      Math.max(
        most,
        blocks.reduce((sum, block) => sum + (block.seconds ?? 0), 0),
      ),
    0,
  );
  const vcpus = histograms.map((histogram, vcpu) => {
    return { vcpu, cpus: cpuSet(), latency: encodeHistogram(histogram), migrations: null, preemptions: null };
  });
  const common = { seconds, all, vcpus };
  return {
    blocks: [{ phase: 'asFound', round: 1, startedAt, ...common, intervals: describeIntervals(run), lost: 0 }],
    phases: [{ name: 'asFound', emulator: null, ...common }],
  };
}

/** Values beyond the last bin are only counted there: none exceeds the maximum, so that is what they are taken for. */
export function histogramOf({ bins, beyond, maxUs }: ImportedBlock): Histogram {
  const histogram = makeHistogram();
  for (const { us, count } of bins) histogram.recordValueWithCount(Math.round(us * NS_PER_US), count);
  if (beyond > 0) histogram.recordValueWithCount(Math.round(maxUs * NS_PER_US), beyond);
  return histogram;
}

/** In order; what began at the same time is one. None where the file does not say when anything was. */
function describeIntervals({ series }: ImportedRun): readonly LatencyInterval[] {
  const all = series.flatMap(({ blocks }) => blocks);
  const starts = [...new Set(all.flatMap(({ startS }) => startS ?? []))].sort((a, b) => a - b);
  return starts.map(atS => {
    const together = all.filter(({ startS }) => startS === atS).map(histogramOf);
    const { count, p50Us, p99Us, maxUs } = encodeHistogram(mergeHistograms(together));
    return { atS, count, p50Us, p99Us, maxUs };
  });
}
