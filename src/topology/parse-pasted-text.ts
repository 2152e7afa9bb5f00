// Finds out which tool a pasted text comes from, and reads it.
import { ParseError } from '#domain/errors.ts';
import type { PastedTopology } from '#domain/pasted-topology.ts';
import { parseLscpuJson } from './parse-lscpu-json.ts';
import { parseLscpuSummary } from './parse-lscpu-summary.ts';
import { parseLscpuExtended, parseLscpuParsable } from './parse-lscpu-table.ts';
import { parseLstopoXml } from './parse-lstopo-xml.ts';
import { parseNumactlText } from './parse-numactl-text.ts';
import { failAt, splitLines } from './pasted-lines.ts';
import type { PastedParts } from './pasted-parts.ts';

/** What the first line of each tool's output looks like; the first match wins. */
const TOOLS: ReadonlyArray<readonly [firstLine: RegExp, parse: (text: string) => PastedParts]> = [
  [/^</, parseLstopoXml],
  [/^\{/, parseLscpuJson],
  [/^available:/, parseNumactlText],
  [/^(#|\d+,)/, parseLscpuParsable],
  [/^([A-Z\d]+ +)*CPU( +[A-Z\d][\w:]*)*$/, parseLscpuExtended],
  [/[:：]/, parseLscpuSummary],
];

/**
 * Reads the output of numactl, lscpu or lstopo; `name` is the file's, for errors and for `unknown`.
 * @throws ParseError with file and line for anything else, and for texts that are cut or mixed.
 */
export function parsePastedText(text: string, name: string): PastedTopology {
  const clean = text.replace(/^\uFEFF/, '').replace(/\r\n/g, '\n');
  try {
    const { unknown, ...parts } = parseAny(clean);
    const reasons = [...unknown, 'isolated and nohz_full CPUs: none of these tools prints them'];
    return { ...parts, unknown: reasons.map(reason => ({ path: name, reason })) };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const prefix = new ParseError('', error.position).message;
    const reason = error.message.slice(prefix.length);
    throw new ParseError(reason, { ...error.position, file: name }, { cause: error });
  }
}

function parseAny(text: string): PastedParts {
  const first = splitLines(text)[0];
  if (!first) return failAt(1, 'The text is empty');
  const line = first.text.trim();
  const tool = TOOLS.find(([firstLine]) => firstLine.test(line));
  if (tool) return tool[1](text);
  return failAt(first.number, `Not the output of numactl --hardware, lscpu or lstopo --of xml: "${line.slice(0, 40)}"`);
}
