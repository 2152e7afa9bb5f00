// Draws what became of every planner's cases: as good as ours, worse in which aim, unsound, or refused.
import { el, type SvgElement } from '#report/svg.ts';
import type { PlannerRow } from './summarize.ts';

const TITLE = 'What became of every case, by planner';
const LABEL = 310;
const BAR = 380;
const ROW = 22;
const TOP = 60;

interface Part {
  readonly name: string;
  readonly colour: string;
  /** Of all cases, 0–1. */
  readonly shareOf: (row: PlannerRow) => number;
}

const SPANS = ['nodes', 'distance', 'deviceDistance'];
const CACHES = ['llcs', 'smallCache'];

const worseIn = (row: PlannerRow, isMeant: (aim: string) => boolean): number =>
  row.worseIn.filter(([aim]) => isMeant(aim)).reduce((sum, [, count]) => sum + count, 0) / row.cases;

const PARTS: readonly Part[] = [
  { name: 'as good as ours', colour: '#0072b2', shareOf: row => row.asGood },
  {
    name: 'worse later',
    colour: '#56b4e9',
    shareOf: row => worseIn(row, aim => !SPANS.includes(aim) && !CACHES.includes(aim)),
  },
  { name: 'more caches', colour: '#e69f00', shareOf: row => worseIn(row, aim => CACHES.includes(aim)) },
  { name: 'more or farther nodes', colour: '#d55e00', shareOf: row => worseIn(row, aim => SPANS.includes(aim)) },
  { name: 'breaks a rule', colour: '#555555', shareOf: row => row.placed - row.sound },
  { name: 'refuses a guest', colour: '#cccccc', shareOf: row => 1 - row.placed },
];

/** `labels`: planner → how people call it. */
export function drawPlanners(rows: readonly PlannerRow[], labels: ReadonlyMap<string, string>): string {
  const width = LABEL + BAR + 20;
  const height = TOP + ROW * rows.length + 20;
  const bars = rows.flatMap((row, index) => drawRow(row, labels.get(row.planner) ?? row.planner, TOP + ROW * index));
  const legend = PARTS.flatMap(({ name, colour }, index) => {
    const [x, y] = [20 + 210 * (index % 3), 12 + 20 * Math.floor(index / 3)];
    return [el('rect', { x, y, width: 12, height: 12, fill: colour }), el('text', { x: x + 18, y: y + 11 }, name)];
  });
  const page = {
    ...{ xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${width} ${height}` },
    ...{ 'font-family': 'sans-serif', 'font-size': 13 },
  };
  return `${el('svg', page, el('title', {}, TITLE), el('rect', { width, height, fill: '#ffffff' }), ...legend, ...bars).markup}\n`;
}

function drawRow(row: PlannerRow, label: string, y: number): readonly SvgElement[] {
  let x = LABEL;
  const parts = PARTS.map(({ colour, shareOf }) => {
    const width = shareOf(row) * BAR;
    const part = el('rect', { x, y: y + 3, width, height: ROW - 6, fill: colour });
    x += width;
    return part;
  });
  const name = el('text', { x: LABEL - 8, y: y + 15, 'text-anchor': 'end' }, `${label}, ${row.mode}`);
  return [name, ...parts];
}
