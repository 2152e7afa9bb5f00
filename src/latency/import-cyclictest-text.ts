// The histogram that `cyclictest -h` and `-H` print, or write to their `--histfile`.
import {
  failAt,
  type ImportedRun,
  type ImportedSeries,
  type ImportOptions,
  type LatencyBin,
  MICROSECONDS,
} from './imported-run.ts';

/**
 * Takes what stands before the histogram as it comes: the screen of a run without `-q`, other programs' output.
 * Example: `000004 000027	000031`, then `# Total:`, `# Max Latencies: 00463 00120`, `# Histogram Overflows: 00001 00000`.
 * Nothing in it says that `-N` made the values nanoseconds: `options.unit` does.
 * @throws ParseError with file and line.
 */
export function parseCyclictestText(text: string, options: ImportOptions): ImportedRun {
  const { file, unit = 'us' } = options;
  const table = readTable(text, file);
  const max = summary(table, 'Max Latencies', file);
  const overflows = summary(table, 'Histogram Overflows', file);
  const threads = threadCount(table, file);
  checkTotals(table, file);
  const scale = MICROSECONDS[unit];
  const series = Array.from({ length: threads }, (_, thread): ImportedSeries => {
    const bins = columnBins(table, thread, scale);
    const beyond = overflows[thread] ?? 0;
    const maxUs = (max[thread] ?? 0) * scale;
    if (bins.length === 0) failWithoutBins(file, { thread, beyond, max: max[thread] ?? 0 });
    return { name: `thread ${thread}`, cpu: null, blocks: [{ startS: null, seconds: null, bins, beyond, maxUs }] };
  });
  return { source: 'cyclictest', command: null, series };
}

export function failWithoutBins(
  file: string,
  { thread, beyond, max }: { readonly thread: number; readonly beyond: number; readonly max: number },
): never {
  if (beyond === 0) failAt(file, null, `Thread ${thread} has no values: cyclictest ended before its first cycle`);
  return failAt(
    file,
    null,
    `All ${beyond} values of thread ${thread} lie outside the histogram: measure again with -h above its largest, ${max}`,
  );
}

interface Row {
  readonly line: number;
  readonly value: number;
  readonly counts: readonly number[];
}

interface Table {
  readonly rows: readonly Row[];
  /** By its words, `Max Latencies`. */
  readonly summaries: ReadonlyMap<string, { readonly line: number; readonly values: readonly number[] }>;
}

const ROW = /^(\d+)[ \t]+(\d+(?:[ \t]+\d+)*)$/;
const SUMMARY = /^# (Total|Min Latencies|Avg Latencies|Max Latencies|Histogram Overflows):[ \t]*(.*)$/;

function readTable(text: string, file: string): Table {
  const rows: Row[] = [];
  const summaries = new Map<string, { line: number; values: readonly number[] }>();
  let began = false;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index + 1;
    const content = raw.trim();
    if (content === '# Histogram') {
      if (began) failAt(file, line, 'A second histogram begins here: one file for each run');
      began = true;
    }
    if (!began || content === '') continue;
    const [, name, values] = SUMMARY.exec(content) ?? [];
    if (name !== undefined) summaries.set(name, { line, values: parseNumbers(values ?? '', { file, line }) });
    else if (!content.startsWith('#')) rows.push(parseRow(content, { file, line, before: rows.at(-1) }));
  }
  if (!began) failAt(file, null, 'No "# Histogram" in it: cyclictest prints one with -h, for example -h 10000');
  if (rows.length === 0) failAt(file, null, 'The histogram has no lines');
  return { rows, summaries };
}

interface At {
  readonly file: string;
  readonly line: number;
}

function parseRow(content: string, { file, line, before }: At & { readonly before: Row | undefined }): Row {
  const [, value = '', counts = ''] = ROW.exec(content) ?? [];
  if (value === '') failAt(file, line, `Expected a latency and its counts, found "${content.slice(0, 60)}"`);
  const row = { line, value: Number(value), counts: parseNumbers(counts, { file, line }) };
  if (before && row.value <= before.value)
    failAt(file, line, `Latency ${row.value} after ${before.value}: the lines are out of order`);
  if (before && row.counts.length !== before.counts.length) {
    failAt(
      file,
      line,
      `${row.counts.length} counts where the lines above have ${before.counts.length}: is the file cut off?`,
    );
  }
  return row;
}

function parseNumbers(text: string, { file, line }: At): readonly number[] {
  return text.split(/[ \t]+/).map(word => {
    const value = /^\d+$/.test(word) ? Number(word) : Number.NaN;
    if (!Number.isSafeInteger(value)) failAt(file, line, `Expected a count, found "${word.slice(0, 60)}"`);
    return value;
  });
}

/** Without its end a histogram lacks just the rare large values that it was made for. */
function summary({ summaries }: Table, name: string, file: string): readonly number[] {
  const found = summaries.get(name);
  if (!found) failAt(file, null, `"# ${name}:" is missing: the output is cut off, and with it the largest values`);
  return found.values;
}

/** `-H` adds a column, the sum over all threads, when there are several; `# Min Latencies` never has it. */
function threadCount(table: Table, file: string): number {
  const threads = summary(table, 'Min Latencies', file).length;
  const columns = table.rows[0]?.counts.length ?? 0;
  for (const name of ['Max Latencies', 'Histogram Overflows']) {
    const values = summary(table, name, file).length;
    if (values !== columns)
      failAt(file, table.summaries.get(name)?.line ?? null, `${values} values for ${columns} columns`);
  }
  if (columns === threads) return threads;
  if (columns !== threads + 1 || threads < 2) {
    failAt(file, table.summaries.get('Min Latencies')?.line ?? null, `${threads} threads for ${columns} columns`);
  }
  for (const { line, counts } of table.rows) {
    const sum = counts.slice(0, threads).reduce((total, count) => total + count, 0);
    if (sum !== counts[threads])
      failAt(file, line, `The threads sum up to ${sum}, the last column says ${counts[threads]}`);
  }
  return threads;
}

/** Old versions print no totals. */
function checkTotals({ rows, summaries }: Table, file: string): void {
  const totals = summaries.get('Total');
  for (const [column, total] of totals?.values.entries() ?? []) {
    const counted = rows.reduce((sum, { counts }) => sum + (counts[column] ?? 0), 0);
    if (counted !== total) {
      failAt(
        file,
        totals?.line ?? null,
        `The lines of column ${column} add up to ${counted}, not ${total}: some are missing`,
      );
    }
  }
}

const columnBins = ({ rows }: Table, column: number, scale: number): readonly LatencyBin[] =>
  rows.map(({ value, counts }) => ({ us: value * scale, count: counts[column] ?? 0 })).filter(({ count }) => count > 0);
