// `/proc/PID/numa_maps` beside `/proc/PID/maps`: each mapping of a process, with its policy and where its pages are.
import { ParseError } from '#domain/errors.ts';
import { parseNodeList } from '#domain/id-list.ts';
import { nodeSet } from '#domain/id-set.ts';
import { numaNodeId } from '#domain/ids.ts';
import type { MemoryMapping } from '#domain/memory-move.ts';
import { sumNumaPages } from './parse-proc-numa-maps.ts';

/** Address, policy (two have a blank in them), flags, nodes; man 7 numa, kernel: mpol_to_str. */
const LINE = /^([0-9a-f]+) (prefer \(many\)|weighted interleave|[a-z]+)(?:=[a-z|]+)?(?::([\d,-]+))?(?= |$)/;

/**
 * Mappings without resident pages are left out. The two texts are not of the same moment: a mapping that `maps` does not have, and all of
 * them without that text (null), are taken to be as long as its pages are.
 * Example: `7f12c0000000 prefer:1 anon=512 N0=500 N1=12 kernelpagesize_kB=4`, and `7f12c0000000-7f12d0000000 rw-p …`.
 */
export function parseMemoryMappings(numaMaps: string, maps: string | null): readonly MemoryMapping[] {
  const ends = new Map(
    [...(maps ?? '').matchAll(/^([0-9a-f]+)-([0-9a-f]+) /gm)].map(([, start = '', end = '']) => [
      Number.parseInt(start, 16),
      Number.parseInt(end, 16),
    ]),
  );
  return numaMaps.split('\n').flatMap(line => {
    const [[pageKiB, pages] = [0, null]] = sumNumaPages(line);
    if (pages === null) return [];
    const match = LINE.exec(line);
    if (match === null) throw new ParseError(`Cannot parse numa_maps "${line}": it has no address and policy`);
    const [, address = '', policy = '', nodes] = match;
    const start = Number.parseInt(address, 16);
    const count = [...pages.values()].reduce((sum, some) => sum + some, 0);
    return [
      {
        start,
        end: ends.get(start) ?? start + count * pageKiB * 1024,
        policy,
        policyNodes: nodes === undefined ? nodeSet() : parseNodeList(nodes),
        pageKiB,
        pages: new Map([...pages].map(([node, some]) => [numaNodeId(node), some])),
        file: / file=(\S+)/.exec(line)?.[1] ?? null,
      },
    ];
  });
}
