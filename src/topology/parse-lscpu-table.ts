// The tables of `lscpu -p` and `lscpu -e`, as text.
import { type LscpuRow, makeRow } from './lscpu-row.ts';
import { makeTopologyFromRows } from './lscpu-table.ts';
import { failAt, type PastedLine, splitLines } from './pasted-lines.ts';
import type { PastedParts } from './pasted-parts.ts';

/**
 * `# CPU,Core,Socket,Node,,L1d,L1i,L2,L3` and rows such as `0,0,0,0,,0,0,0,0`. The header is the last comment before the rows.
 * Rows are shorter where a CPU has fewer caches than others: their columns have moved.
 * @throws ParseError with the line.
 */
export function parseLscpuParsable(text: string): PastedParts {
  const lines = splitLines(text);
  const start = lines.findIndex(line => !line.text.startsWith('#'));
  const header = lines[(start === -1 ? lines.length : start) - 1];
  const columns = header?.text.slice(1).trim().split(',') ?? [];
  if (!header || !hasCpuColumn(columns)) {
    return failAt(header?.number ?? 1, 'Expected the header of lscpu -p, as in "# CPU,Core,Socket,Node"');
  }
  if (start === -1) return failAt(header.number, 'The text ends here: expected a row for each CPU');
  const rows = lines.slice(start).map(line => parseFields(line, columns));
  const last = rows.at(-1);
  const saysOnline = columns.at(-1)?.toLowerCase() === 'online';
  if (last && !last.cachesKnown && !saysOnline && !text.endsWith('\n')) {
    failAt(last.line, 'The last row is shorter than the header and has no end of line: the text is cut');
  }
  return makeTopologyFromRows('lscpu -p', rows, columns);
}

const hasCpuColumn = (columns: readonly string[]): boolean => columns.some(column => column.toLowerCase() === 'cpu');

/** Old versions leave a column without a name before the caches. */
const isCache = (column: string): boolean => column === '' || /^l\d/i.test(column);

function parseFields(line: PastedLine, columns: readonly string[]): LscpuRow {
  const fields = line.text.trim().split(',');
  const name = (values: readonly string[], from: number) =>
    values.map((value, index): [string, string] => [columns[from + index] ?? '', value]);
  if (fields.length === columns.length) return makeRow(line.number, name(fields, 0));
  const before = columns.findIndex(isCache);
  const after = columns.length - 1 - columns.findLastIndex(isCache);
  if (fields.length > columns.length || fields.length <= before + after) {
    failAt(line.number, `Expected ${columns.length} columns, found ${fields.length}: "${line.text.trim()}"`);
  }
  const outer = [
    ...name(fields.slice(0, before), 0),
    ...name(fields.slice(fields.length - after), columns.length - after),
  ];
  return makeRow(line.number, outer, { known: false });
}

/**
 * `CPU NODE SOCKET CORE L1d:L2:L3 ONLINE` and rows such as `0 0 0 0 0:0:0 yes`; `-` where there is nothing to say.
 * @throws ParseError with the line.
 */
export function parseLscpuExtended(text: string): PastedParts {
  const [header, ...lines] = splitLines(text);
  const columns = header ? splitWords(header) : [];
  if (!header || !hasCpuColumn(columns))
    return failAt(1, 'Expected the header of lscpu -e, as in "CPU NODE SOCKET CORE"');
  if (lines.length === 0) failAt(header.number, 'The text ends here: expected a row for each CPU');
  return makeTopologyFromRows(
    'lscpu -e',
    lines.map(line => parseWords(line, columns)),
    columns,
  );
}

const splitWords = (line: PastedLine): readonly string[] => line.text.trim().split(/\s+/);

/** Only MODELNAME has blanks in its values; its first word is enough, nobody reads it. */
function parseWords(line: PastedLine, columns: readonly string[]): LscpuRow {
  const words = splitWords(line);
  const extra = words.length - columns.length;
  const wide = columns.indexOf('MODELNAME');
  if (extra < 0 || (extra > 0 && wide === -1)) {
    failAt(line.number, `Expected ${columns.length} columns, found ${words.length}: "${line.text.trim()}"`);
  }
  const word = (index: number): string => words[index > wide ? index + extra : index] ?? '';
  return makeRow(
    line.number,
    columns.map((column, index) => [column, word(index)]),
  );
}
