// How guests that span nodes tie these together: every way to part the nodes of a host into blocks, with what that costs at least.
import { type HostTopology, nodeDistance } from '#domain/host-topology.ts';
import type { NumaNodeId } from '#domain/ids.ts';

/** Nodes that guests tie together, each to the next. */
export type Block = readonly NumaNodeId[];

export interface Parting {
  readonly blocks: readonly Block[];
  /** Nodes that guests have beyond one each, at least: a block of so many nodes needs as many ties but one. */
  readonly ties: number;
  /** The distance within guests' nodes, at least: no ties join the nodes of a block at less. */
  readonly distance: number;
}

/** More partings than this are not looked at. */
const MOST_PARTINGS = 20_000;

/** Every parting with so many ties at most, in order of ties, then of distance; null when there are too many. */
export function partNodes(nodes: readonly NumaNodeId[], mostTies: number, topology: HostTopology): Parting[] | null {
  const partings: Parting[] = [];
  const shortest = shortestTies(topology);
  const part = (blocks: readonly Block[], at: number): boolean => {
    const node = nodes[at];
    if (node === undefined) {
      const distance = blocks.reduce((sum, block) => sum + shortest(block), 0);
      partings.push({ blocks, ties: nodes.length - blocks.length, distance });
      return partings.length <= MOST_PARTINGS;
    }
    if (at - blocks.length < mostTies) {
      for (const [index, block] of blocks.entries()) {
        if (!part(blocks.with(index, [...block, node]), at + 1)) return false;
      }
    }
    return part([...blocks, [node]], at + 1);
  };
  if (!part([], 0)) return null;
  return partings.sort((a, b) => a.ties - b.ties || a.distance - b.distance);
}

/** The length of the shortest tree that joins the nodes of a block. */
export function shortestTies(topology: HostTopology): (block: Block) => number {
  const known = new Map<string, number>();
  return block => {
    const key = block.join();
    const length = known.get(key) ?? shortestTree(block, topology);
    known.set(key, length);
    return length;
  };
}

function shortestTree([first, ...others]: Block, topology: HostTopology): number {
  const between = (a: NumaNodeId, b: NumaNodeId) =>
    Math.max(nodeDistance(topology, a, b), nodeDistance(topology, b, a));
  if (first === undefined) return 0;
  const nearest = new Map(others.map(node => [node, between(first, node)]));
  let length = 0;
  while (nearest.size > 0) {
    const [next, distance] = [...nearest].reduce((a, b) => (b[1] < a[1] ? b : a));
    length += distance;
    nearest.delete(next);
    for (const [node, far] of nearest) nearest.set(node, Math.min(far, between(next, node)));
  }
  return length;
}
