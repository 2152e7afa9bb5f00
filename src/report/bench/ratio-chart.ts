// As planned divided by as found, percentile by percentile, with intervals, against the noise floor.
import type { LatencyComparison } from '#domain/measurement.ts';
import { el } from '../svg.ts';
import { flow } from '../svg-layout.ts';
import { renderRatio, threeDigits } from './bench-numbers.ts';
import { type Chart, label, legendEntry } from './chart-frame.ts';
import { makeLogScale } from './chart-scale.ts';

const ROW = 34;
const LEFT = 58;

export function makeRatioChart({ percentiles }: LatencyComparison, width: number): Chart {
  const values = percentiles
    .flatMap(({ ratio, noise }) => [ratio.low, ratio.high, noise.low, noise.high])
    .filter(value => value > 0);
  const range = { from: Math.min(0.5, ...values) / 1.15, to: Math.max(2, ...values) * 1.15 };
  const ticks = ROUND.filter(value => value >= range.from && value <= range.to);
  const scale = makeLogScale(range, { start: LEFT, end: width - 16 }, threeDigits);
  const legend = flow(
    [
      legendEntry('as planned ÷ as found, with its interval', (x, y) =>
        el(
          'g',
          {},
          el('line', { class: 'bar as-planned', x1: x, x2: x + 30, y1: y, y2: y }),
          el('circle', { class: 'dot as-planned', cx: x + 15, cy: y, r: 4 }),
        ),
      ),
      legendEntry('noise floor: as found again ÷ as found', (x, y) =>
        el('rect', { class: 'noise', x, y: y - 6, width: 30, height: 12, rx: 3 }),
      ),
    ],
    { width: width - 8, gap: 18 },
  );
  const top = legend.height + 40;
  const bottom = top + percentiles.length * ROW;
  return {
    ...{ width, height: bottom + 30, title: 'The difference, and the noise floor' },
    description: percentiles
      .map(
        ({ percentile, ratio }) =>
          `p${percentile}: ${renderRatio(ratio.value)} times, ${renderRatio(ratio.low)} to ${renderRatio(ratio.high)}.`,
      )
      .join(' '),
    content: [
      ...legend.draw(4, 8),
      ...ticks.map(value =>
        el('line', {
          class: value === 1 ? 'axis' : 'grid',
          x1: scale.at(value),
          x2: scale.at(value),
          y1: top,
          y2: bottom,
        }),
      ),
      label('← less latency', { x: scale.at(1) - 8, y: top - 8, anchor: 'end', muted: true }),
      label('more →', { x: scale.at(1) + 8, y: top - 8, anchor: 'start', muted: true }),
      ...percentiles.flatMap(({ percentile, ratio, noise }, index) => {
        const y = top + (index + 0.5) * ROW;
        return [
          label(`p${percentile}`, { x: LEFT - 12, y: y + 4, anchor: 'end' }),
          el('rect', {
            class: 'noise',
            x: scale.at(noise.low),
            y: y - 9,
            width: Math.max(2, scale.at(noise.high) - scale.at(noise.low)),
            height: 18,
            rx: 3,
          }),
          el('line', { class: 'bar as-planned', x1: scale.at(ratio.low), x2: scale.at(ratio.high), y1: y, y2: y }),
          el('circle', { class: 'dot as-planned', cx: scale.at(ratio.value), cy: y, r: 4.5 }),
        ];
      }),
      ...ticks.map(value => label(threeDigits(value), { x: scale.at(value), y: bottom + 18, anchor: 'middle' })),
    ],
  };
}

const ROUND = [0.001, 0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 100, 1000];
