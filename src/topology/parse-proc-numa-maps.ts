// `/proc/PID/numa_maps`: on which host nodes a process's memory is.
import { ParseError } from '#domain/errors.ts';
import { type NumaNodeId, numaNodeId } from '#domain/ids.ts';

/**
 * Resident memory by node, MiB, ascending by node; nodes without pages are left out.
 * Example line: `7f12c0000000 bind:0 anon=512 dirty=512 N0=500 N1=12 kernelpagesize_kB=4`; pages are counted in that line's page size.
 */
export function parseNumaMaps(text: string): ReadonlyMap<NumaNodeId, number> {
  const residentKiB = new Map<number, number>();
  for (const [pageKiB, pages] of sumNumaPages(text)) {
    for (const [node, count] of pages) residentKiB.set(node, (residentKiB.get(node) ?? 0) + count * pageKiB);
  }
  return new Map(
    [...residentKiB].sort(([a], [b]) => a - b).map(([node, kib]) => [numaNodeId(node), Math.round(kib / 1024)]),
  );
}

/** Page size in KiB → node → pages of that size. @throws ParseError for a line with pages of no known size. */
export function sumNumaPages(text: string): ReadonlyMap<number, ReadonlyMap<number, number>> {
  const sums = new Map<number, Map<number, number>>();
  for (const line of text.split('\n')) {
    const pages = [...line.matchAll(/ N(\d+)=(\d+)(?= |$)/g)];
    if (pages.length === 0) continue;
    const pageKiB = / kernelpagesize_kB=(\d+)(?: |$)/.exec(line)?.[1];
    if (pageKiB === undefined) {
      throw new ParseError(`Cannot parse numa_maps "${line}": it has pages but no kernelpagesize_kB`);
    }
    const sum = sums.get(Number(pageKiB)) ?? new Map<number, number>();
    sums.set(Number(pageKiB), sum);
    for (const [, node, count] of pages) sum.set(Number(node), (sum.get(Number(node)) ?? 0) + Number(count));
  }
  return sums;
}
