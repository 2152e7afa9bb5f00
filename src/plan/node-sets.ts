// The sets of NUMA nodes that a guest may stand on, the most compact first.
import { type HostTopology, nodeDistance } from '#domain/host-topology.ts';
import type { NumaNodeId } from '#domain/ids.ts';

export interface NodeSets {
  /** Fewest nodes first, then nearest to each other. */
  readonly nodeSets: ReadonlyArray<readonly NumaNodeId[]>;
  /** False when there are more node sets than were made: nothing can then be proved. */
  readonly nodeSetsComplete: boolean;
}

/** Proxmox gives a guest at most eight NUMA nodes (`MAX_NUMA`, qemu-server Memory.pm). */
const MOST_GUEST_NODES = 8;
/** More node sets than this are not looked at; the search then proves nothing beyond them. */
const MOST_NODE_SETS = 4096;

/** All sets of nodes with CPUs, by size, then by the sum of distances within, then by ids. */
export function makeNodeSets(topology: HostTopology): NodeSets {
  const nodes = topology.nodes.filter(node => !node.cpus.isEmpty).map(node => node.id);
  const sets: NumaNodeId[][] = [];
  for (let size = 1; size <= Math.min(nodes.length, MOST_GUEST_NODES) && sets.length < MOST_NODE_SETS; size++) {
    const ofSize: NumaNodeId[][] = [];
    for (const set of subsets(nodes, size)) {
      if (sets.length + ofSize.length >= MOST_NODE_SETS) break;
      ofSize.push(set);
    }
    const spread = new Map(ofSize.map(set => [set, distanceWithin(topology, set)]));
    sets.push(...ofSize.sort((a, b) => (spread.get(a) ?? 0) - (spread.get(b) ?? 0)));
  }
  return { nodeSets: sets, nodeSetsComplete: sets.length < MOST_NODE_SETS };
}

/** Between every two nodes the longer way: firmware may give the two directions different distances, and a guest goes both. */
export function distanceWithin(topology: HostTopology, nodes: readonly NumaNodeId[]): number {
  let sum = 0;
  for (const [index, a] of nodes.entries()) {
    for (const b of nodes.slice(index + 1)) sum += Math.max(nodeDistance(topology, a, b), nodeDistance(topology, b, a));
  }
  return sum;
}

/** Subsets of one size, in lexicographic order. */
function* subsets<Item>(items: readonly Item[], size: number, from = 0): Generator<Item[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let next = from; next <= items.length - size; next++) {
    for (const rest of subsets(items, size - 1, next + 1)) yield [items[next] as Item, ...rest];
  }
}
