// HDR histogram logs (`.hlog`): a line for every interval, perhaps with a tag, with its histogram compressed.
import { ParseError } from '#domain/errors.ts';
import { decodeHdr } from './decode-hdr.ts';
import {
  failAt,
  type ImportedBlock,
  type ImportedRun,
  type ImportOptions,
  type LatencyUnit,
  MICROSECONDS,
} from './imported-run.ts';

/**
 * `Tag=A,0.127,1.007,2.769,HISTFAAAAEV4…`: start and length in seconds, a maximum for people, the histogram.
 * Tags become series, intervals their blocks. A log does not say the unit of its values: nanoseconds by custom.
 * @throws ParseError with file and line.
 */
export function parseHdrLog(text: string, { file, unit = 'ns' }: ImportOptions): ImportedRun {
  const tags = new Map<string, Interval[]>();
  for (const [index, raw] of text.split('\n').entries()) {
    const content = raw.trim();
    if (content === '' || content.startsWith('#') || content.startsWith('"StartTimestamp"')) continue;
    const interval = parseInterval(content, { file, line: index + 1, unit });
    const known = tags.get(interval.tag);
    if (known) known.push(interval);
    else tags.set(interval.tag, [interval]);
  }
  const all = [...tags.values()].flat();
  if (all.every(({ bins }) => bins.length === 0)) failAt(file, null, 'The log has no values');
  const firstS = Math.min(...all.map(({ startS }) => startS));
  return {
    source: 'hdr-log',
    command: null,
    series: [...tags].map(([tag, intervals]) => ({
      name: tag === '' ? 'untagged' : tag,
      cpu: null,
      blocks: intervals.map((interval): ImportedBlock => {
        const { startS, seconds, bins } = interval;
        return { startS: startS - firstS, seconds, bins, beyond: 0, maxUs: bins.at(-1)?.us ?? 0 };
      }),
    })),
  };
}

interface Interval {
  readonly tag: string;
  readonly startS: number;
  readonly seconds: number;
  readonly bins: ImportedBlock['bins'];
}

interface At {
  readonly file: string;
  readonly line: number;
}

function parseInterval(content: string, { file, line, unit }: At & { readonly unit: LatencyUnit }): Interval {
  const fields = content.split(',');
  const tag = fields[0]?.startsWith('Tag=') ? (fields.shift() ?? '').slice('Tag='.length) : '';
  const [start = '', length = '', , histogram = ''] = fields;
  if (fields.length !== 4)
    failAt(file, line, `Expected start, length, maximum and histogram, found "${content.slice(0, 60)}"`);
  try {
    const bins = decodeHdr(histogram).map(({ value, count }) => ({ us: value * MICROSECONDS[unit], count }));
    return { tag, startS: parseSeconds(start, { file, line }), seconds: parseSeconds(length, { file, line }), bins };
  } catch (error) {
    if (!(error instanceof ParseError) || error.position.line !== undefined) throw error;
    return failAt(file, line, error.message, { cause: error });
  }
}

function parseSeconds(text: string, { file, line }: At): number {
  if (!/^\d{1,12}(\.\d+)?$/.test(text)) failAt(file, line, `Expected seconds, found "${text.slice(0, 60)}"`);
  return Number(text);
}
