// What all charts share: axes with their lines and labels, a legend, title and description for screen readers.
import { el, type SvgElement } from '../svg.ts';
import { type Block, beside, flow, textLine } from '../svg-layout.ts';
import type { Scale, Span } from './chart-scale.ts';
import { CHART_CSS, COLOUR_CSS } from './chart-style.ts';

/** A picture without its frame: pages embed it, files stand alone. */
export interface Chart {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** What it shows, for those who do not see it. */
  readonly description: string;
  readonly content: readonly SvgElement[];
}

export interface ChartText {
  readonly title: string;
  readonly description: string;
}

/** Embedded in a page that has the chart's styles. `id` is unique in the page. */
export const embedChart = (chart: Chart, id: string): SvgElement => svg(chart, { id, style: null });

/** A file of its own. Ends with a newline. */
export const renderChartFile = (chart: Chart): string =>
  `${svg(chart, { id: 'chart', style: `${COLOUR_CSS}${CHART_CSS}` }).markup}\n`;

function svg(
  { width, height, title, description, content }: Chart,
  { id, style }: { readonly id: string; readonly style: string | null },
): SvgElement {
  const alone = style === null ? {} : { xmlns: 'http://www.w3.org/2000/svg', width, height };
  return el(
    'svg',
    {
      ...alone,
      viewBox: `0 0 ${Math.ceil(width)} ${Math.ceil(height)}`,
      class: 'chart',
      role: 'img',
      'aria-labelledby': `${id}-title ${id}-desc`,
    },
    el('title', { id: `${id}-title` }, title),
    el('desc', { id: `${id}-desc` }, description),
    ...(style === null
      ? []
      : [
          el('style', {}, { markup: style }),
          el('rect', { width: '100%', height: '100%', style: 'fill:var(--paper)' }),
        ]),
    ...content,
  );
}

const FONT = 12;
const LEGEND_GAP = 18;
const MARGIN = { left: 62, right: 24, top: 8, bottom: 44 };
const NARROW_LEFT = 58;

export interface PlotArea {
  readonly x: Span;
  readonly y: Span;
}

export interface PlotOptions extends ChartText {
  readonly width: number;
  readonly plotHeight: number;
  readonly legend: readonly Block[];
  readonly xTitle: string;
  readonly yTitle: string;
  readonly scales: (area: PlotArea) => { readonly x: Scale; readonly y: Scale };
  readonly draw: (x: Scale, y: Scale, area: PlotArea) => readonly SvgElement[];
}

/** A plot with two axes; the title of the y axis stands above it, where it need not be turned. */
export function makePlot(options: PlotOptions): Chart {
  const { width, plotHeight, title, description, xTitle, yTitle } = options;
  const legend = flow(options.legend, { width: width - 8, gap: LEGEND_GAP });
  const top = MARGIN.top + (legend.height > 0 ? legend.height + LEGEND_GAP : 0) + FONT + 10;
  const bottom = top + plotHeight;
  const area: PlotArea = {
    x: { start: width < 500 ? NARROW_LEFT : MARGIN.left, end: width - MARGIN.right },
    y: { start: bottom, end: top },
  };
  const { x, y } = options.scales(area);
  return {
    ...{ width, height: bottom + MARGIN.bottom, title, description },
    content: [
      ...legend.draw(4, MARGIN.top),
      label(yTitle, { x: 4, y: top - 9, anchor: 'start', muted: true }),
      ...y.ticks.map(tick =>
        line({ x1: area.x.start, x2: area.x.end, y1: y.at(tick.value), y2: y.at(tick.value) }, gridClass(tick.label)),
      ),
      ...x.ticks.map(tick =>
        line({ x1: x.at(tick.value), x2: x.at(tick.value), y1: top, y2: bottom }, gridClass(tick.label)),
      ),
      ...options.draw(x, y, area),
      el('path', { class: 'axis', d: `M${area.x.start} ${top}V${bottom}H${area.x.end}` }),
      ...y.ticks.map(tick => label(tick.label, { x: area.x.start - 7, y: y.at(tick.value) + 4, anchor: 'end' })),
      ...fitting(x).map(tick => label(tick.label, { x: tick.at, y: bottom + 17, anchor: 'middle' })),
      label(xTitle, { x: (area.x.start + area.x.end) / 2, y: bottom + 36, anchor: 'middle', muted: true }),
    ],
  };
}

const gridClass = (label: string): string => (label === '' ? 'fine' : 'grid');

/** Labels that would touch the one before are left out; the last one stays. */
function fitting(scale: Scale): ReadonlyArray<{ readonly label: string; readonly at: number }> {
  const kept: Array<{ label: string; at: number }> = [];
  for (const { value, label } of scale.ticks.toReversed()) {
    const at = scale.at(value);
    const next = kept.at(-1);
    const room = ((next?.label.length ?? 0) + label.length) * 3.4 + 8;
    if (label !== '' && (next === undefined || next.at - at > room)) kept.push({ label, at });
  }
  return kept;
}

const line = (ends: Readonly<Record<'x1' | 'x2' | 'y1' | 'y2', number>>, name: string): SvgElement =>
  el('line', { ...ends, class: name });

interface LabelPlace {
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'middle' | 'end';
  readonly muted?: boolean;
}

export const label = (text: string, { x, y, anchor, muted = false }: LabelPlace): SvgElement =>
  el('text', { x, y, 'font-size': FONT, 'text-anchor': anchor, ...(muted ? { class: 'muted' } : {}) }, text);

/** A piece of line or another sample, and what it stands for. */
export const legendEntry = (text: string, sample: (x: number, y: number) => SvgElement): Block =>
  beside(
    [{ width: 30, height: 16, draw: (x, y) => [sample(x, y + 8)] }, textLine(text, { text: 'legend', size: FONT })],
    6,
  );

export const lineSample =
  (name: string) =>
  (x: number, y: number): SvgElement =>
    el('path', { class: `curve ${name}`, d: `M${x} ${y}h30` });

/** `M1 2L3 4`; a tenth of a pixel is exact enough. */
export const path = (points: ReadonlyArray<readonly [x: number, y: number]>): string =>
  points
    .map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`)
    .join('');
