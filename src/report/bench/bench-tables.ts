// The numbers of a latency run as tables: of every percentile, phase, vCPU and block.

import { encodeIdList } from '#domain/id-list.ts';
import type { LatencyHistogram, Measurement } from '#domain/measurement.ts';
import {
  groupDigits,
  renderLatency,
  renderLatencyEstimate,
  renderPercent,
  renderPValue,
  renderRatioEstimate,
} from './bench-numbers.ts';
import { PHASE_NAMES } from './bench-words.ts';
import type { TableOptions } from './html.ts';
import type { PhaseCurve } from './phase-curves.ts';

/** Null where nothing was compared. */
export function comparisonTable({ comparison }: Measurement): TableOptions | null {
  if (comparison === null || comparison.percentiles.length === 0) return null;
  return {
    caption: `Percentiles compared, with ${Math.round(comparison.confidence * 100)} % intervals, over ${comparison.rounds} rounds`,
    head: ['percentile', 'as found', 'as planned', 'as planned ÷ as found', 'noise floor', 'by chance'],
    rows: comparison.percentiles.map(({ percentile, asFoundUs, asPlannedUs, ratio, noise, pValue }) => [
      `p${percentile}`,
      onTwoLines(renderLatencyEstimate(asFoundUs)),
      onTwoLines(renderLatencyEstimate(asPlannedUs)),
      onTwoLines(renderRatioEstimate(ratio)),
      onTwoLines(renderRatioEstimate(noise)),
      renderPValue(pValue),
    ]),
  };
}

/** The interval below its value. */
const onTwoLines = (estimate: string): string => estimate.replace(' (', '\n(');

const MOVES = ['moved', 'taken off'];
const FIGURES = ['p50', 'p99', 'p99.9', 'p99.99', 'max'];

const figures = ({ p50Us, p99Us, p999Us, p9999Us, maxUs }: LatencyHistogram): readonly string[] =>
  [p50Us, p99Us, p999Us, p9999Us, maxUs].map(renderLatency);

const counted = (count: number | null): string => (count === null ? '–' : groupDigits(count));

/** Instruments in the guest do not see when its vCPUs move. */
export const countsMoves = ({ phases }: Pick<Measurement, 'phases'>): boolean =>
  phases.some(({ vcpus }) => vcpus.some(({ migrations, preemptions }) => migrations !== null || preemptions !== null));

export function phaseTable(measurement: Measurement): TableOptions {
  const moves = countsMoves(measurement);
  return {
    caption: 'Each phase, all vCPUs together',
    head: ['phase', 'events', ...FIGURES, ...(moves ? MOVES : [])],
    rows: measurement.phases.map(({ name, all, vcpus }) => [
      PHASE_NAMES[name],
      groupDigits(all.count),
      ...figures(all),
      ...(moves ? [vcpus.map(({ migrations }) => migrations), vcpus.map(({ preemptions }) => preemptions)] : []).map(
        counts => counted(sum(counts)),
      ),
    ]),
  };
}

/** Null as soon as one is not known. */
const sum = (counts: ReadonlyArray<number | null>): number | null =>
  counts.reduce<number | null>((total, count) => (total === null || count === null ? null : total + count), 0);

export function vcpuTable(measurement: Measurement): TableOptions {
  const moves = countsMoves(measurement);
  return {
    caption: 'Each vCPU in each phase',
    head: ['vCPU', 'phase', 'allowed CPUs', 'events', ...FIGURES, ...(moves ? MOVES : [])],
    rows: measurement.phases
      .flatMap(({ name, vcpus }) => vcpus.map(vcpu => ({ name, ...vcpu })))
      .sort((a, b) => a.vcpu - b.vcpu)
      .map(({ name, vcpu, cpus, latency, migrations, preemptions }) => [
        `vCPU ${vcpu}`,
        PHASE_NAMES[name],
        cpus.isEmpty ? '–' : encodeIdList(cpus).replaceAll(',', ', '),
        groupDigits(latency.count),
        ...figures(latency),
        ...(moves ? [migrations, preemptions] : []).map(counted),
      ]),
  };
}

export const blockTable = ({ blocks }: Measurement): TableOptions => ({
  caption: 'Each block in order',
  head: ['started', 'phase', 'round', 'seconds', 'events', ...FIGURES],
  rows: blocks.map(({ phase, round, startedAt, seconds, all }) => [
    startedAt.slice(11, 19),
    PHASE_NAMES[phase],
    `${round}`,
    seconds.toFixed(1),
    groupDigits(all.count),
    ...figures(all),
  ]),
});

/** Both distribution charts: how many events lie in each step. */
export function histogramTable(curves: readonly PhaseCurve[]): TableOptions {
  const starts = [...new Set(curves.flatMap(({ steps }) => steps.map(({ fromUs }) => fromUs)))].sort((a, b) => a - b);
  return {
    caption: 'Events in each range of latency',
    head: ['from', 'to', ...curves.map(({ name }) => PHASE_NAMES[name])],
    rows: starts.map(from => {
      const own = curves.map(({ steps }) => steps.find(({ fromUs }) => fromUs === from));
      const to = own.find(step => step !== undefined)?.toUs ?? from;
      return [renderLatency(from), renderLatency(to), ...own.map(step => groupDigits(step?.count ?? 0))];
    }),
  };
}

const SHOWN_PERCENTILES = [0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999];

export const percentileTable = (curves: readonly PhaseCurve[]): TableOptions => ({
  caption: 'Latency by percentile',
  head: ['no later', ...curves.map(({ name }) => PHASE_NAMES[name])],
  rows: SHOWN_PERCENTILES.filter(share => curves.some(({ count }) => count * (1 - share) >= 1)).map(share => [
    renderPercent(share),
    ...curves.map(({ percentiles, count }) => {
      const point = percentiles.find(({ beyond }) => beyond <= 1 - share + 1e-9);
      return point === undefined || count * (1 - share) < 1 ? 'too few events' : renderLatency(point.us);
    }),
  ]),
});
