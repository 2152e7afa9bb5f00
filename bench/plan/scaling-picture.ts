// Draws how long planning takes against the number of guests, one line for each size of host; both axes logarithmic.
import { el, type SvgElement } from '#report/svg.ts';
import type { SpeedPoint } from './measure-speed.ts';

const TITLE = 'Time to plan and to prove, by number of guests';
const WIDTH = 640;
const HEIGHT = 400;
const PLOT = { left: 70, right: 500, top: 30, bottom: 340 };
const GUESTS = { least: 10, most: 1000, ticks: [12, 60, 250, 1000] };
const MS = { least: 1, most: 1_000_000, ticks: [1, 10, 100, 1000, 10_000, 100_000, 1_000_000] };
/** Told apart by people who see few colours, and by their brightness in print. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#882255', '#555555'];

interface Point {
  readonly x: number;
  readonly y: number;
}

const along = (value: number, { least, most }: { least: number; most: number }): number =>
  (Math.log(Math.max(value, least)) - Math.log(least)) / (Math.log(most) - Math.log(least));

const place = (guests: number, ms: number): Point => ({
  x: PLOT.left + along(guests, GUESTS) * (PLOT.right - PLOT.left),
  y: PLOT.bottom - along(ms, MS) * (PLOT.bottom - PLOT.top),
});

/** A dashed line to the first plan, a full one to the end of the proof. */
export function drawScaling(points: readonly SpeedPoint[]): string {
  const sizes = [...new Set(points.map(({ cpus }) => cpus))];
  const series = sizes.flatMap((cpus, index) => {
    const colour = COLOURS[index % COLOURS.length] ?? '';
    const ofSize = points.filter(point => point.cpus === cpus);
    return [
      ...drawLine(
        ofSize.map(point => place(point.guests, point.firstPlanMs)),
        { stroke: colour, 'stroke-dasharray': '4 3' },
      ),
      ...drawLine(
        ofSize.map(point => place(point.guests, point.provedMs)),
        { stroke: colour },
      ),
      text({ x: PLOT.right + 20, y: PLOT.top + 20 + 20 * index }, `${cpus} CPUs`, { fill: colour }),
    ];
  });
  const legend = ['dashed: first plan', 'full: proof, or the', 'end of the budget'].map((line, index) =>
    text({ x: PLOT.right + 20, y: PLOT.top + 40 + 20 * (sizes.length + index) }, line),
  );
  const size = { width: WIDTH, height: HEIGHT, viewBox: `0 0 ${WIDTH} ${HEIGHT}` };
  const page = { xmlns: 'http://www.w3.org/2000/svg', ...size, 'font-family': 'sans-serif', 'font-size': 13 };
  const paper = el('rect', { width: WIDTH, height: HEIGHT, fill: '#ffffff' });
  return `${el('svg', page, el('title', {}, TITLE), paper, ...drawAxes(), ...series, ...legend).markup}\n`;
}

function drawAxes(): readonly SvgElement[] {
  const guests = GUESTS.ticks.flatMap(count => {
    const { x } = place(count, MS.least);
    return [
      el('line', { x1: x, y1: PLOT.top, x2: x, y2: PLOT.bottom, stroke: '#dddddd' }),
      text({ x, y: PLOT.bottom + 20 }, count.toLocaleString('en'), { 'text-anchor': 'middle' }),
    ];
  });
  const times = MS.ticks.flatMap(ms => {
    const { y } = place(GUESTS.least, ms);
    const label = ms < 1000 ? `${ms} ms` : `${(ms / 1000).toLocaleString('en')} s`;
    return [
      el('line', { x1: PLOT.left, y1: y, x2: PLOT.right, y2: y, stroke: '#dddddd' }),
      text({ x: PLOT.left - 8, y: y + 4 }, label, { 'text-anchor': 'end' }),
    ];
  });
  const middle = (PLOT.left + PLOT.right) / 2;
  return [...guests, ...times, text({ x: middle, y: PLOT.bottom + 45 }, 'guests', { 'text-anchor': 'middle' })];
}

function drawLine(points: readonly Point[], look: Readonly<Record<string, string>>): readonly SvgElement[] {
  const path = points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join(' ');
  const fill = look.stroke ?? '';
  return [
    el('path', { d: path, fill: 'none', 'stroke-width': 2, ...look }),
    ...points.map(({ x, y }) => el('circle', { cx: x, cy: y, r: 3, fill })),
  ];
}

const text = ({ x, y }: Point, content: string, look: Readonly<Record<string, string>> = {}): SvgElement =>
  el('text', { x, y, ...look }, content);
