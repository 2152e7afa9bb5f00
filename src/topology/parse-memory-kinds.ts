// What the memory of nodes without CPUs is made of, as far as the kernel tells: HBM, persistent memory, CXL.
import type { MemoryKind } from '#domain/host-topology.ts';
import { parseNodeList } from '#domain/id-list.ts';
import { type NodeSet, unionOf } from '#domain/id-set.ts';
import type { NumaNodeId } from '#domain/ids.ts';
import { numberedEntries, type SysfsReader } from './sysfs-reader.ts';

/** From Linux 6.1. Tiers with lower numbers are faster; ordinary memory is wherever the nodes with CPUs are. */
const TIER_ROOT = '/sys/devices/virtual/memory_tiering';
const DAX_ROOT = '/sys/bus/dax/devices';

/** Buses whose devices become memory through device-dax: each device's directory holds its dax devices. */
const BUSES: readonly (readonly [root: string, kind: MemoryKind])[] = [
  ['/sys/bus/nd/devices', 'pmem'],
  ['/sys/bus/cxl/devices', 'cxl'],
];

/**
 * Two sources. The bus behind a node's dax device names persistent memory and CXL; a tier faster than that of the CPUs' own memory
 * can only be HBM. A slower tier could be either of the others, and is not guessed at.
 */
export function parseMemoryKinds(
  reader: SysfsReader,
  { memoryOnly, withCpus }: { readonly memoryOnly: NodeSet; readonly withCpus: NodeSet },
): ReadonlyMap<NumaNodeId, MemoryKind> {
  if (memoryOnly.isEmpty) return new Map();
  const byDax = kindsByDax(reader);
  const fast = fasterNodes(reader, withCpus);
  return new Map(memoryOnly.ids.map(node => [node, byDax.get(node) ?? (fast.has(node) ? 'hbm' : 'unknown')]));
}

/** A node that dax devices of two kinds feed is of neither. */
function kindsByDax(reader: SysfsReader): ReadonlyMap<number, MemoryKind> {
  const kindOfDevice = new Map(
    BUSES.flatMap(([root, kind]) =>
      reader.list(root).flatMap(device => reader.list(`${root}/${device}`).map(name => [name, kind] as const)),
    ),
  );
  const kinds = new Map<number, MemoryKind>();
  for (const device of reader.list(DAX_ROOT)) {
    const node = reader.integer(`${DAX_ROOT}/${device}/target_node`);
    if (node === null) continue;
    const kind = kindOfDevice.get(device) ?? 'unknown';
    kinds.set(node, (kinds.get(node) ?? kind) === kind ? kind : 'unknown');
  }
  return kinds;
}

/** Nodes in tiers before the first one with CPUs; none where no tier holds a node with CPUs, since then nothing says what is fast. */
function fasterNodes(reader: SysfsReader, withCpus: NodeSet): NodeSet {
  const tiers = numberedEntries(reader.list(TIER_ROOT), 'memory_tier').flatMap(
    tier => reader.parse(`${TIER_ROOT}/memory_tier${tier}/nodelist`, parseNodeList) ?? [],
  );
  const ordinary = tiers.findIndex(nodes => !nodes.isDisjointFrom(withCpus));
  return unionOf(tiers.slice(0, Math.max(ordinary, 0)));
}
