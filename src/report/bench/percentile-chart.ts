// Latency by percentile, every nine as wide as the one before; bars are the intervals of the compared percentiles.
import type { Estimate, LatencyComparison, PhaseName } from '#domain/measurement.ts';
import { el, type SvgElement } from '../svg.ts';
import { renderLatency } from './bench-numbers.ts';
import { PHASE_NAMES } from './bench-words.ts';
import { type Chart, legendEntry, lineSample, makePlot, path } from './chart-frame.ts';
import { decadesAround, makeLogScale, makeNinesScale, type Scale } from './chart-scale.ts';
import { PHASE_CLASSES } from './chart-style.ts';
import type { PhaseCurve } from './phase-curves.ts';

export function makePercentileChart(
  curves: readonly PhaseCurve[],
  comparison: LatencyComparison | null,
  width: number,
): Chart {
  const points = curves.flatMap(curve => curve.percentiles);
  const bars = comparison?.percentiles ?? [];
  const ends = bars.flatMap(({ asFoundUs, asPlannedUs }) => [
    asFoundUs.low,
    asFoundUs.high,
    asPlannedUs.low,
    asPlannedUs.high,
  ]);
  const range = decadesAround([...points.map(({ us }) => us), ...ends].filter(us => us > 0));
  const least = Math.min(0.1, ...points.map(({ beyond }) => beyond));
  return makePlot({
    title: 'Latency by percentile',
    description: `Latency, ${renderLatency(range.from)} to ${renderLatency(range.to)}, against the percentage of events that came no later, for ${curves.map(({ name }) => PHASE_NAMES[name]).join(', ')}. Lower is better.`,
    ...{ width, plotHeight: width < 500 ? 220 : 280 },
    legend: curves.map(({ name }) => legendEntry(PHASE_NAMES[name], lineSample(PHASE_CLASSES[name]))),
    ...{ xTitle: 'per cent of events that came no later', yTitle: 'latency' },
    scales: area => ({ x: makeNinesScale(least, area.x), y: makeLogScale(range, area.y, renderLatency) }),
    draw: (x, y) => [
      ...curves.map(({ name, percentiles }) =>
        el('path', {
          class: `curve ${PHASE_CLASSES[name]}`,
          d: path(percentiles.map(({ beyond, us }) => [x.at(beyond), y.at(us)])),
        }),
      ),
      ...bars.flatMap(({ percentile, asFoundUs, asPlannedUs }) => {
        const at = x.at(1 - percentile / 100);
        return [...bar('asFound', asFoundUs, { at: at - 3, y }), ...bar('asPlanned', asPlannedUs, { at: at + 3, y })];
      }),
    ],
  });
}

/** The interval, and its value as a dot. */
function bar(
  name: PhaseName,
  { value, low, high }: Estimate,
  { at, y }: { readonly at: number; readonly y: Scale },
): readonly SvgElement[] {
  return [
    el('line', { class: `bar ${PHASE_CLASSES[name]}`, x1: at, x2: at, y1: y.at(low), y2: y.at(high) }),
    el('circle', { class: `dot ${PHASE_CLASSES[name]}`, cx: at, cy: y.at(value), r: 3.5 }),
  ];
}
