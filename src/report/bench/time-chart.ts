// Latency over the time of the measurement, block by block; the blocks as planned are shaded.
import type { MeasuredBlock, Measurement, PhaseName } from '#domain/measurement.ts';
import { el, type SvgElement } from '../svg.ts';
import { renderDuration, renderLatency } from './bench-numbers.ts';
import { PHASE_NAMES } from './bench-words.ts';
import { type Chart, legendEntry, lineSample, makePlot, type PlotArea, path } from './chart-frame.ts';
import { decadesAround, makeLinearScale, makeLogScale, type Scale } from './chart-scale.ts';
import { PHASE_CLASSES } from './chart-style.ts';

/** Whether there is more than one moment to show. */
export const hasCourse = ({ blocks }: Measurement): boolean =>
  blocks.length > 1 || blocks.some(({ intervals }) => intervals.length > 1);

/** A block on the time axis. */
interface TimedBlock {
  readonly phase: PhaseName;
  readonly startS: number;
  readonly endS: number;
  readonly points: ReadonlyArray<{ readonly s: number; readonly p99Us: number; readonly maxUs: number }>;
}

export function makeTimeChart(blocks: readonly MeasuredBlock[], width: number): Chart {
  const timed = placeBlocks(blocks);
  const values = timed
    .flatMap(({ points }) => points.flatMap(({ p99Us, maxUs }) => [p99Us, maxUs]))
    .filter(us => us > 0);
  const phases = [...new Set(timed.map(({ phase }) => phase))];
  const endS = Math.max(1, ...timed.map(block => block.endS));
  return makePlot({
    title: 'Latency over time',
    description: `The 99th percentile and the maximum of each second or so over ${renderDuration(endS)}, in ${blocks.length} blocks. Blocks as planned are shaded.`,
    ...{ width, plotHeight: width < 500 ? 200 : 240 },
    legend: [
      ...phases.map(name => legendEntry(`${PHASE_NAMES[name]}, p99`, lineSample(PHASE_CLASSES[name]))),
      legendEntry('maximum', (x, y) => el('circle', { class: 'dot as-found-again', cx: x + 15, cy: y, r: 2 })),
      ...(phases.includes('asPlanned')
        ? [
            legendEntry('shaded: as planned', (x, y) =>
              el('rect', { class: 'shade', x: x + 4, y: y - 7, width: 22, height: 14 }),
            ),
          ]
        : []),
    ],
    ...{ xTitle: 'since the start', yTitle: 'latency' },
    scales: area => ({
      x: makeLinearScale({ from: 0, to: endS }, area.x, { wanted: width < 500 ? 4 : 8, label: renderDuration }),
      y: makeLogScale(decadesAround(values), area.y, renderLatency),
    }),
    draw: (x, y, area) => [
      ...timed.filter(({ phase }) => phase === 'asPlanned').map(block => shade(block, { x, area })),
      ...timed.flatMap(block => drawBlock(block, { x, y })),
    ],
  });
}

/** A block whose instrument tells only the sum is one level line. */
function placeBlocks(blocks: readonly MeasuredBlock[]): readonly TimedBlock[] {
  const firstMs = Math.min(...blocks.map(({ startedAt }) => Date.parse(startedAt)));
  return blocks.map(({ phase, startedAt, seconds, intervals, all }) => {
    const startS = (Date.parse(startedAt) - firstMs) / 1000;
    const endS = startS + seconds;
    const { p99Us, maxUs } = all;
    const level = [startS, endS].map(s => ({ s, p99Us, maxUs }));
    const points = intervals
      .filter(({ count }) => count > 0)
      .map(({ atS, p99Us: p99, maxUs: max }) => ({ s: startS + atS, p99Us: p99, maxUs: max }));
    return { phase, startS, endS, points: points.length > 0 ? points : level };
  });
}

const shade = ({ startS, endS }: TimedBlock, { x, area }: { readonly x: Scale; readonly area: PlotArea }): SvgElement =>
  el('rect', {
    class: 'shade',
    x: x.at(startS),
    y: area.y.end,
    width: Math.max(1, x.at(endS) - x.at(startS)),
    height: area.y.start - area.y.end,
  });

function drawBlock(
  { phase, points }: TimedBlock,
  { x, y }: { readonly x: Scale; readonly y: Scale },
): readonly SvgElement[] {
  const name = PHASE_CLASSES[phase];
  return [
    ...points.map(({ s, maxUs }) => el('circle', { class: `dot ${name}`, cx: x.at(s), cy: y.at(maxUs), r: 1.4 })),
    el('path', { class: `curve ${name}`, d: path(points.map(({ s, p99Us }) => [x.at(s), y.at(p99Us)])) }),
  ];
}
