// The pictures of a latency run as files of their own: name → SVG.
import type { Measurement } from '#domain/measurement.ts';
import { type Chart, renderChartFile } from './chart-frame.ts';
import { makeHistogramChart } from './histogram-chart.ts';
import { makePercentileChart } from './percentile-chart.ts';
import { makePhaseCurves } from './phase-curves.ts';
import { groupPlacements, makePlacementChart } from './placement-chart.ts';
import { makeRatioChart } from './ratio-chart.ts';
import { hasCourse, makeTimeChart } from './time-chart.ts';

const WIDTH = 780;

/** Those for which there is something to draw. Placements that are the same in several phases are one file, of the first of them. */
export function renderBenchPictures(measurement: Measurement): ReadonlyMap<string, string> {
  const { phases, blocks, comparison, host } = measurement;
  const curves = makePhaseCurves(phases);
  const { topology } = host;
  const charts: (readonly [string, Chart])[] = [];
  if (comparison !== null && comparison.percentiles.length > 0)
    charts.push(['ratio', makeRatioChart(comparison, WIDTH)]);
  if (curves.length > 0) {
    charts.push(['percentiles', makePercentileChart(curves, comparison, WIDTH)]);
    charts.push(['histogram', makeHistogramChart(curves, WIDTH)]);
  }
  if (hasCourse(measurement)) charts.push(['time', makeTimeChart(blocks, WIDTH)]);
  if (topology !== null) {
    for (const placement of groupPlacements(phases)) {
      charts.push([`placement-${placement.phases[0] ?? ''}`, makePlacementChart(topology, placement, WIDTH)]);
    }
  }
  return new Map(charts.map(([name, chart]) => [`${name}.svg`, renderChartFile(chart)]));
}
