// The results as tables in Markdown, for people.
import type { CaseResult } from './run-case.ts';
import type { PlannerRow } from './summarize.ts';

function renderTable(heads: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map(row => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(heads), rule, ...rows.map(line)].join('\n');
}

const percent = (share: number): string => (Number.isFinite(share) ? `${Math.round(share * 1000) / 10} %` : '–');
const decimal = (value: number): string => (Number.isFinite(value) ? value.toFixed(1) : '–');

/** `labels`: planner → how people call it. */
export function renderPlanners(rows: readonly PlannerRow[], labels: ReadonlyMap<string, string>): string {
  const heads = [
    'planner',
    'guests come',
    'places all',
    'sound',
    'as good as ours',
    'first worse in',
    'nodes',
    'caches',
    'shared cores',
    'memory',
    'room in node',
    'room in cache',
    'ms',
  ];
  return renderTable(
    heads,
    rows.map(row => [
      labels.get(row.planner) ?? row.planner,
      row.mode,
      percent(row.placed),
      percent(row.sound),
      percent(row.asGood),
      row.worseIn
        .slice(0, 3)
        .map(([aim, count]) => `${aim} ${count}`)
        .join(', '),
      `+${decimal(row.extraNodes)}`,
      `+${decimal(row.extraLlcs)}`,
      decimal(row.sharedCores),
      decimal(row.memoryDistance),
      percent(row.largestInNode),
      percent(row.largestInLlc),
      decimal(row.medianMs),
    ]),
  );
}

/** How many layouts are at the optimum again when so many guests may move. */
export function renderDefragmented(results: readonly CaseResult[]): string {
  const fragmented = results.map(({ defragmented }) => defragmented).filter(steps => steps.length > 0);
  // Every case has the same limits.
  const limits = fragmented[0]?.map(({ mostMoves }) => mostMoves) ?? [];
  const rows = limits.map(mostMoves => {
    const steps = fragmented.flatMap(all => all.find(step => step.mostMoves === mostMoves) ?? []);
    const asGood = steps.filter(({ worse }) => worse === null || worse.by < 0).length;
    const spans = steps.filter(({ worse }) => worse !== null && worse.by > 0 && ['nodes', 'llcs'].includes(worse.aim));
    return [
      mostMoves === null ? 'all' : `${mostMoves}`,
      `${steps.length}`,
      percent(asGood / steps.length),
      percent(spans.length / steps.length),
    ];
  });
  return renderTable(['guests that may move', 'cases', 'as good as planned at once', 'spans too much'], rows);
}
