// One CPU of an `lscpu -p` or `lscpu -e` table, whatever form the table has.
import { failAt, parseId } from './pasted-lines.ts';

/** Columns by lower-case name, those that have a value; `cachesKnown` is false when they cannot be told apart. */
export interface LscpuRow {
  readonly line: number;
  readonly cpu: number;
  readonly online: boolean | null;
  readonly values: ReadonlyMap<string, string>;
  readonly cachesKnown: boolean;
}

/** Cells of one row; a column named `L1d:L2:L3` holds `0:0:0`, or fewer numbers where the CPU has fewer caches. */
export function makeRow(
  line: number,
  cells: ReadonlyArray<readonly [column: string, value: string | null]>,
  caches: { readonly known: boolean } = { known: true },
): LscpuRow {
  const values = new Map<string, string>();
  let cachesKnown = caches.known;
  for (const [column, value] of cells) {
    if (value === null || value === '' || value === '-') continue;
    const names = column.toLowerCase().split(':');
    const parts = names.length === 1 ? [value] : value.split(':');
    if (names.length !== parts.length) cachesKnown = false;
    else for (const [index, name] of names.entries()) values.set(name, parts[index] ?? '');
  }
  const cpu = values.get('cpu');
  if (cpu === undefined) return failAt(line, 'The row has no CPU number');
  for (const column of ['core', 'socket', 'node']) {
    const id = values.get(column);
    if (id !== undefined) parseId(id, line, `the number of a ${column}`);
  }
  return { line, cpu: parseId(cpu, line, 'a CPU number'), online: isOnline(line, values), values, cachesKnown };
}

/** What lscpu prints for yes and no, in the languages that it knows; the letters `E` and `K` mean both. */
const YES = 'y yes true ja j jah bai jaa oui o da d igen ya si sí sì s sim tak t ano a да д evet có c 是'.split(' ');
const NO = 'n no false nein nej nee non ne nem nie não tidak ei ez нет н h hayır không 否'.split(' ');

/** Null where the columns do not tell. An offline CPU is in no core, which decides when the word does not. */
function isOnline(line: number, values: ReadonlyMap<string, string>): boolean | null {
  const word = values.get('online')?.toLowerCase();
  if (word !== undefined && YES.includes(word)) return true;
  if (word !== undefined && NO.includes(word)) return false;
  if (word !== undefined && !/^\p{L}+$/u.test(word)) return failAt(line, `"${word}" is neither yes nor no`);
  if (values.has('core') || values.has('socket')) return true;
  return null;
}
