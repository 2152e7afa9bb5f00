// The `meminfo` files of the machine and of its NUMA nodes.
import { ParseError } from '#domain/errors.ts';

/**
 * Reads `MemTotal: 65977856 kB`, and the same behind `Node 0 ` in node files, into name → KiB; counts (`HugePages_Total`) stay counts.
 * @throws ParseError with file and line, for text that is not of this form and for a file without MemTotal.
 */
export function parseMeminfo(text: string, file: string): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  text
    .replace(/\n$/, '')
    .split('\n')
    .forEach((line, index) => {
      if (line.trim() === '') return;
      const match = /^(?:Node \d+ )?([\w()]+): *(\d+)(?: kB)?$/.exec(line);
      if (!match?.[1]) throw new ParseError(`Cannot parse memory line "${line}"`, { file, line: index + 1 });
      values.set(match[1], Number(match[2]));
    });
  if (!values.has('MemTotal')) throw new ParseError('There is no MemTotal line', { file });
  return values;
}

/** Whole MiB of an entry in KiB; 0 where the kernel does not have it. */
export const meminfoMiB = (meminfo: ReadonlyMap<string, number>, name: string): number =>
  Math.floor((meminfo.get(name) ?? 0) / 1024);
