// A run that was taken elsewhere, in the words of our own measurements: one phase of one block.
import { cpuSet } from '#domain/id-set.ts';
import type { Instrument, LatencyInterval, MeasuredBlock, MeasuredPhase, MeasuredVcpu } from '#domain/measurement.ts';
import { encodeHistogram, type Histogram, makeHistogram, mergeHistograms } from './histogram.ts';
import type { ImportedBlock, ImportedRun } from './imported-run.ts';

export interface DescribedImport {
  readonly instrument: Instrument;
  readonly block: MeasuredBlock;
  readonly phase: MeasuredPhase;
  /** Events of which the file says only that they are above its histogram; they count as the largest that it saw. */
  readonly beyond: number;
}

/** Each thread or tag is a vCPU, in the order of the file. @param startedAt ISO 8601, UTC: the file says at most how far its intervals lie apart */
export function describeImport({ source, series }: ImportedRun, startedAt: string): DescribedImport {
  const blocks = series.flatMap(one => one.blocks);
  const ofSeries = series.map(one => mergeHistograms(one.blocks.map(histogramOf)));
  const seconds = Math.max(0, ...blocks.map(block => (block.startS ?? 0) + (block.seconds ?? 0)));
  const all = encodeHistogram(mergeHistograms(ofSeries));
  const vcpus = ofSeries.map(describeVcpu);
  return {
    instrument: source === 'cyclictest' ? 'cyclictest' : 'hdr-log',
    block: {
      ...{ phase: 'asFound', round: 1, startedAt, seconds, all, vcpus, lost: 0 },
      intervals: describeIntervals(blocks),
    },
    phase: { name: 'asFound', seconds, emulator: null, all, vcpus },
    beyond: blocks.reduce((sum, { beyond }) => sum + beyond, 0),
  };
}

/** In order; what began at the same time is one interval. */
function describeIntervals(blocks: readonly ImportedBlock[]): readonly LatencyInterval[] {
  const starts = [...new Set(blocks.flatMap(({ startS }) => startS ?? []))].sort((a, b) => a - b);
  return starts.map(atS => {
    const together = blocks.filter(({ startS }) => startS === atS).map(histogramOf);
    const { count, p50Us, p99Us, maxUs } = encodeHistogram(mergeHistograms(together));
    return { atS, count, p50Us, p99Us, maxUs };
  });
}

function histogramOf({ bins, beyond, maxUs }: ImportedBlock): Histogram {
  const histogram = makeHistogram();
  for (const { us, count } of bins) histogram.recordValueWithCount(Math.round(us * 1000), count);
  if (beyond > 0) histogram.recordValueWithCount(Math.round(maxUs * 1000), beyond);
  return histogram;
}

const describeVcpu = (latency: Histogram, vcpu: number): MeasuredVcpu => {
  return { vcpu, cpus: cpuSet(), latency: encodeHistogram(latency), migrations: null, preemptions: null };
};
