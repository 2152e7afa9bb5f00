// The file that `cyclictest --json=FILE` writes.
import { failWithoutBins } from './import-cyclictest-text.ts';
import {
  countBins,
  failAt,
  type ImportedRun,
  type ImportedSeries,
  type ImportOptions,
  type LatencyBin,
  MICROSECONDS,
} from './imported-run.ts';

/**
 * `{"num_threads": 1, "resolution_in_ns": 0, "thread": {"0": {"histogram": {"36": 1}, "cycles": 1, "max": 36, "cpu": 0}}}`.
 * `resolution_in_ns` is 1 after `-N`; where a version does not write it, `options.unit` tells, else microseconds.
 * @throws ParseError with the file, and the line or the place in the JSON.
 */
export function parseCyclictestJson(text: string, { file, unit }: ImportOptions): ImportedRun {
  const root = asObject(readJson(text, file), { file, path: 'the file' });
  const threads = asObject(root.thread, { file, path: '"thread"' });
  const names = Object.keys(threads);
  if (names.length === 0) failAt(file, null, '"thread" has no threads');
  const declared = root.num_threads;
  if (declared !== undefined && declared !== names.length) {
    failAt(file, null, `"num_threads" says ${JSON.stringify(declared)}, "thread" has ${names.length}`);
  }
  const scale = MICROSECONDS[writtenUnit(root.resolution_in_ns, file) ?? unit ?? 'us'];
  // Versions up to 2.x write the colon into the name.
  const command = root['cmdline:'] ?? root.cmdline;
  return {
    source: 'cyclictest',
    command: typeof command === 'string' ? command : null,
    series: names.map(name => parseThread(name, threads[name], { file, scale })),
  };
}

type Json = Readonly<Record<string, unknown>>;

function readJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const position = Number(/at position (\d+)/.exec(reason)?.[1] ?? text.length);
    const line = text.slice(0, position).trimEnd().split('\n').length;
    return failAt(file, line, `Not JSON, or cut off here: ${reason}`, { cause: error });
  }
}

function writtenUnit(resolution: unknown, file: string): 'ns' | 'us' | null {
  if (resolution === undefined) return null;
  if (resolution === 0) return 'us';
  return resolution === 1
    ? 'ns'
    : failAt(file, null, `"resolution_in_ns" is ${JSON.stringify(resolution)}, neither 0 nor 1`);
}

interface Place {
  readonly file: string;
  readonly path: string;
}

function parseThread(
  name: string,
  json: unknown,
  { file, scale }: { readonly file: string; readonly scale: number },
): ImportedSeries {
  const path = `thread ${name}`;
  if (!/^\d{1,5}$/.test(name)) failAt(file, null, `${JSON.stringify(name)} is not the number of a thread`);
  const thread = asObject(json, { file, path });
  const cycles = asCount(thread.cycles, { file, path: `"cycles" of ${path}` });
  const max = asCount(thread.max, { file, path: `"max" of ${path}` });
  const histogram = asObject(thread.histogram, {
    file,
    path: `"histogram" of ${path} (cyclictest needs -h for it)`,
  });
  const bins = parseBins(histogram, { file, path, scale });
  const counted = countBins(bins);
  if (counted > cycles)
    failAt(file, null, `The histogram of ${path} has ${counted} values, more than its ${cycles} cycles`);
  if (bins.length === 0) failWithoutBins(file, { thread: Number(name), beyond: cycles, max });
  const cpu = thread.cpu;
  return {
    name: path,
    cpu: typeof cpu === 'number' && Number.isSafeInteger(cpu) && cpu >= 0 ? cpu : null,
    blocks: [{ startS: null, seconds: null, bins, beyond: cycles - counted, maxUs: max * scale }],
  };
}

function parseBins(histogram: Json, { file, path, scale }: Place & { readonly scale: number }): readonly LatencyBin[] {
  return Object.entries(histogram)
    .map(([latency, json]) => {
      if (!/^\d{1,15}$/.test(latency))
        failAt(file, null, `${JSON.stringify(latency)} in the histogram of ${path} is not a latency`);
      return {
        us: Number(latency) * scale,
        count: asCount(json, { file, path: `"${latency}" in the histogram of ${path}` }),
      };
    })
    .filter(({ count }) => count > 0)
    .sort((a, b) => a.us - b.us);
}

function asObject(json: unknown, { file, path }: Place): Json {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    failAt(file, null, `Expected an object as ${path}, found ${shown(json)}`);
  return json as Json;
}

function asCount(json: unknown, { file, path }: Place): number {
  if (typeof json !== 'number' || !Number.isSafeInteger(json) || json < 0)
    failAt(file, null, `Expected a count as ${path}, found ${shown(json)}`);
  return json;
}

const shown = (json: unknown): string => (json === undefined ? 'nothing' : JSON.stringify(json).slice(0, 60));
