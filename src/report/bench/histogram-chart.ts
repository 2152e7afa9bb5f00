// How often each latency was seen, both axes logarithmic, the phases over each other.
import { el, type SvgElement } from '../svg.ts';
import { renderLatency, renderPercent } from './bench-numbers.ts';
import { PHASE_NAMES } from './bench-words.ts';
import { type Chart, legendEntry, lineSample, makePlot, path } from './chart-frame.ts';
import { decadesAround, makeLogScale, type Scale } from './chart-scale.ts';
import { PHASE_CLASSES } from './chart-style.ts';
import type { PhaseCurve } from './phase-curves.ts';

export function makeHistogramChart(curves: readonly PhaseCurve[], width: number): Chart {
  const steps = curves.flatMap(curve => curve.steps);
  const shares = curves.flatMap(({ steps: own, count }) => own.map(step => step.count / count));
  const range = decadesAround(steps.flatMap(({ fromUs, toUs }) => [fromUs, toUs]));
  const heights = { from: Math.min(0.1, decadesAround(shares).from), to: 1 };
  return makePlot({
    title: 'How often each latency was seen',
    description: `Histogram of latency, ${renderLatency(range.from)} to ${renderLatency(range.to)}, against the share of events, both logarithmic, for ${curves.map(({ name }) => PHASE_NAMES[name]).join(', ')}. Further right is later; further up is more often.`,
    ...{ width, plotHeight: width < 500 ? 220 : 280 },
    legend: curves.map(({ name }) => legendEntry(PHASE_NAMES[name], lineSample(PHASE_CLASSES[name]))),
    ...{ xTitle: 'latency', yTitle: 'share of all events' },
    scales: area => ({
      x: makeLogScale(range, area.x, renderLatency),
      y: makeLogScale(heights, area.y, renderPercent),
    }),
    draw: (x, y, area) => [
      ...curves
        .filter(({ name }) => name === 'asPlanned')
        .map(curve => el('path', { class: 'under', d: outline(curve, { x, y, base: area.y.start }) })),
      ...curves.map(
        (curve): SvgElement =>
          el('path', { class: `curve ${PHASE_CLASSES[curve.name]}`, d: outline(curve, { x, y, base: area.y.start }) }),
      ),
    ],
  });
}

/** Along the tops of the steps, down to the base where there are none. */
function outline(
  { steps, count }: PhaseCurve,
  { x, y, base }: { readonly x: Scale; readonly y: Scale; readonly base: number },
): string {
  const points: Array<readonly [number, number]> = [];
  let edge: number | null = null;
  for (const step of steps) {
    const [left, right, top] = [x.at(step.fromUs), x.at(step.toUs), y.at(step.count / count)];
    if (edge === null || left - edge > 0.5) {
      if (edge !== null) points.push([edge, base]);
      points.push([left, base]);
    }
    points.push([left, top], [right, top]);
    edge = right;
  }
  if (edge !== null) points.push([edge, base]);
  return path(points);
}
