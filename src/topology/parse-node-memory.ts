// What each NUMA node's memory is at this moment: free, available, hugepages.
import type { HostTopology } from '#domain/host-topology.ts';
import type { NumaNodeId } from '#domain/ids.ts';
import type { NodeMemory } from '#domain/inventory.ts';
import type { TextTree, Unknown } from '#domain/text-tree.ts';
import { meminfoMiB, parseMeminfo } from './parse-meminfo.ts';
import { NODE_ROOT, nodeIds } from './parse-nodes.ts';
import { numberedEntries, SysfsReader } from './sysfs-reader.ts';

/** A node whose memory cannot be read has no entry in `memory`, and one in `unknown`. */
export interface NodeMemoryReading {
  readonly memory: readonly NodeMemory[];
  readonly unknown: readonly Unknown[];
}

/** @throws ParseError naming the file, when a file's text is malformed or cut off. */
export function parseNodeMemory(tree: TextTree, topology: HostTopology): NodeMemoryReading {
  const reader = new SysfsReader(tree);
  const withoutNuma = nodeIds(reader).length === 0;
  const memory = topology.nodes.flatMap(({ id }) => {
    const found = withoutNuma
      ? readMemory(reader, id, { meminfo: '/proc/meminfo', hugepages: '/sys/kernel/mm/hugepages' })
      : readMemory(reader, id, {
          meminfo: `${NODE_ROOT}/node${id}/meminfo`,
          hugepages: `${NODE_ROOT}/node${id}/hugepages`,
        });
    return found ? [found] : [];
  });
  return { memory, unknown: reader.unknown };
}

interface MemoryPaths {
  readonly meminfo: string;
  readonly hugepages: string;
}

function readMemory(reader: SysfsReader, node: NumaNodeId, paths: MemoryPaths): NodeMemory | null {
  const meminfo = reader.parse(paths.meminfo, parseMeminfo);
  if (!meminfo) {
    reader.note(paths.meminfo, `not there: the free memory of node ${node} is not known`);
    return null;
  }
  return {
    node,
    totalMiB: meminfoMiB(meminfo, 'MemTotal'),
    freeMiB: meminfoMiB(meminfo, 'MemFree'),
    availableMiB: availableMiB(meminfo),
    hugepages: readHugepages(reader, paths.hugepages),
  };
}

/**
 * The kernel estimates `MemAvailable` for the machine only. Per node: free, page cache on the LRU lists, and reclaimable slab.
 * It subtracts low watermarks and half of what may be in use, which node files do not show: this is an upper bound.
 */
function availableMiB(meminfo: ReadonlyMap<string, number>): number {
  const known = meminfo.get('MemAvailable');
  if (known !== undefined) return Math.floor(known / 1024);
  const parts = ['MemFree', 'Active(file)', 'Inactive(file)', 'SReclaimable'];
  return Math.floor(parts.reduce((sumKiB, name) => sumKiB + (meminfo.get(name) ?? 0), 0) / 1024);
}

function readHugepages(reader: SysfsReader, root: string): NodeMemory['hugepages'] {
  const pools = new Map<number, { readonly total: number; readonly free: number }>();
  const sizes = reader.list(root).map(name => name.replace(/kB$/, ''));
  for (const sizeKiB of numberedEntries(sizes, 'hugepages-')) {
    const total = reader.integer(`${root}/hugepages-${sizeKiB}kB/nr_hugepages`);
    const free = reader.integer(`${root}/hugepages-${sizeKiB}kB/free_hugepages`);
    if (total === null || free === null) {
      reader.note(`${root}/hugepages-${sizeKiB}kB`, 'the number of pages is not known');
    } else {
      pools.set(sizeKiB, { total, free });
    }
  }
  return pools;
}
