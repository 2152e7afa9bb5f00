// Whether guests can be shared out over blocks of nodes, each block taken as one heap of CPUs and memory.

/** What a guest needs wherever it stands. */
export interface Load {
  readonly cpus: number;
  readonly memoryMiB: number;
  /** Nodes, at least. */
  readonly nodes: number;
}

/** What the nodes of a block have together. */
export interface Heap {
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly nodes: number;
}

/** `unknown`: the steps ended first. */
export type Packed = 'fits' | 'never' | 'unknown';

const MOST_STEPS = 20_000;

/** @param mostTies Nodes that guests may have beyond one each, in all. A block needs as many as tie it, or as its guests need alone. */
export function packBlocks(loads: readonly Load[], heaps: readonly Heap[], mostTies: number): Packed {
  const inOrder = [...loads].sort((a, b) => b.nodes - a.nodes || b.cpus - a.cpus || b.memoryMiB - a.memoryMiB);
  let steps = 0;
  const place = (index: number, left: readonly Left[], from: number): Packed => {
    const load = inOrder[index];
    if (load === undefined) return 'fits';
    if (++steps > MOST_STEPS) return 'unknown';
    const before = inOrder[index - 1];
    // Guests with equal needs are mirror images of each other.
    const first = before !== undefined && isEqual(before, load) ? from : 0;
    const seen = new Set<string>();
    for (let at = first; at < left.length; at++) {
      const heap = left[at];
      if (heap === undefined || !hasRoom(load, heap)) continue;
      const key = `${heap.cpus} ${heap.memoryMiB} ${heap.nodes} ${heap.ties}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const then = left.with(at, putInto(load, heap));
      if (tiesOf(then) > mostTies) continue;
      const packed = place(index + 1, then, at);
      if (packed !== 'never') return packed;
    }
    return 'never';
  };
  return place(
    0,
    heaps.map(heap => ({ ...heap, ties: 0 })),
    0,
  );
}

interface Left extends Heap {
  /** Nodes that its guests need alone, beyond one each. */
  readonly ties: number;
}

const isEqual = (a: Load, b: Load): boolean => a.cpus === b.cpus && a.memoryMiB === b.memoryMiB && a.nodes === b.nodes;

const hasRoom = (load: Load, heap: Heap): boolean =>
  load.cpus <= heap.cpus && load.memoryMiB <= heap.memoryMiB && load.nodes <= heap.nodes;

const putInto = (load: Load, heap: Left): Left => ({
  cpus: heap.cpus - load.cpus,
  memoryMiB: heap.memoryMiB - load.memoryMiB,
  nodes: heap.nodes,
  ties: heap.ties + load.nodes - 1,
});

const tiesOf = (heaps: readonly Left[]): number =>
  heaps.reduce((sum, { nodes, ties }) => sum + Math.max(nodes - 1, ties), 0);
