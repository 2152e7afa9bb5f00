// The kubelet's CPU manager, distributed: over as few NUMA nodes as can give equal parts, leaving all nodes evenly full.
import type { CpuSet } from '#domain/id-set.ts';
import { Accumulator, type Unit } from './accumulator.ts';
import { combinations } from './combinations.ts';
import { type CpuDemand, takePacked } from './take-packed.ts';

/** How a set of nodes would share a request. */
interface Share {
  readonly nodes: readonly Unit[];
  /** CPUs from each. */
  readonly each: number;
  /** Nodes that give what is left, one group after the other, around and around. */
  readonly remainder: readonly Unit[];
  /** Standard deviation of what is free on all nodes afterwards. */
  readonly imbalance: number;
}

/**
 * CPUs come in groups of `groupSize`. The sets of nodes are compared as their authors meant it: the original keeps a set
 * by reference while it goes on counting, and from four nodes on may end with another one than it chose.
 */
export function takeDistributed(demand: CpuDemand, groupSize: number): CpuSet | null {
  const { topology, free, count } = demand;
  if (count % groupSize !== 0) return takePacked(demand);
  if (count > free.size) return null;
  const accumulator = new Accumulator(topology, free, count);
  const share = findShare(accumulator, demand, groupSize);
  if (share === null) return takePacked(demand);
  const take = (node: Unit, wanted: number): void => {
    const inNode = free.filter(cpu => node.cpus.has(cpu)).difference(accumulator.taken);
    accumulator.take(takePacked({ topology, free: inNode, count: wanted }) ?? []);
  };
  for (const node of share.nodes) take(node, share.each);
  while (accumulator.needed > 0) {
    for (const node of share.remainder) {
      if (accumulator.needed > 0 && accumulator.freeIn(node).length >= groupSize) take(node, groupSize);
    }
  }
  return accumulator.taken;
}

/** Of the smallest sets that can share the request, the one that leaves the nodes most even; the first of equals. */
function findShare(accumulator: Accumulator, { topology, count }: CpuDemand, groupSize: number): Share | null {
  const nodes = accumulator.nodes();
  const nodesWithCpus = topology.nodes.filter(node => !node.cpus.isEmpty).length;
  const groups = count / groupSize;
  const groupsPerNode = Math.ceil(Math.ceil(topology.online.size / groupSize) / nodesWithCpus);
  const most = Math.min(groups, nodes.length);
  for (let size = Math.ceil(groups / groupsPerNode); size <= most; size++) {
    let best: Share | null = null;
    for (const chosen of combinations(nodes, size)) {
      const share = makeShare({ accumulator, nodes, chosen, count, groupSize });
      if (share !== null && share.imbalance < (best?.imbalance ?? Number.POSITIVE_INFINITY)) best = share;
      if (best?.imbalance === 0) return best;
    }
    if (best !== null) return best;
  }
  return null;
}

interface ShareDemand {
  readonly accumulator: Accumulator;
  readonly nodes: readonly Unit[];
  readonly chosen: readonly Unit[];
  readonly count: number;
  readonly groupSize: number;
}

function makeShare({ accumulator, nodes, chosen, count, groupSize }: ShareDemand): Share | null {
  const freeBefore = new Map(nodes.map(node => [node, accumulator.freeIn(node).length]));
  const groupsFree = chosen.reduce((sum, node) => sum + Math.floor((freeBefore.get(node) ?? 0) / groupSize), 0);
  if (groupsFree * groupSize < count) return null;
  const each = Math.floor(count / chosen.length / groupSize) * groupSize;
  if (chosen.some(node => (freeBefore.get(node) ?? 0) < each)) return null;
  const left = new Map([...freeBefore].map(([node, free]) => [node, chosen.includes(node) ? free - each : free]));
  const over = count - each * chosen.length;
  if (over === 0) return { nodes: chosen, each, remainder: [], imbalance: deviation([...left.values()]) };
  const givers = chosen.filter(node => (left.get(node) ?? 0) >= groupSize);
  let best: Share | null = null;
  for (let size = givers.length; size >= 1; size--) {
    for (const remainder of combinations(givers, size)) {
      const after = giveRemainder({ left, givers: remainder, over, groupSize });
      if (after === null) continue;
      const imbalance = deviation(after);
      if (best === null || imbalance < best.imbalance) best = { nodes: chosen, each, remainder, imbalance };
    }
  }
  return best;
}

interface Remainder {
  readonly left: ReadonlyMap<Unit, number>;
  readonly givers: readonly Unit[];
  readonly over: number;
  readonly groupSize: number;
}

/** What is free on all nodes after the givers gave a group each, in turns; null when they have too little. */
function giveRemainder({ left, givers, over, groupSize }: Remainder): readonly number[] | null {
  const after = new Map(left);
  const groups = givers.reduce((sum, node) => sum + Math.floor((after.get(node) ?? 0) / groupSize), 0);
  if (groups * groupSize < over) return null;
  let open = over;
  while (open > 0) {
    for (const node of givers) {
      const free = after.get(node) ?? 0;
      if (open === 0 || free < groupSize) continue;
      after.set(node, free - groupSize);
      open -= groupSize;
    }
  }
  return [...after.values()];
}

/** To three decimals, as the original compares it. */
function deviation(values: readonly number[]): number {
  const round = (value: number): number => Math.round(value * 1000) / 1000;
  const mean = round(values.reduce((sum, value) => sum + value, 0) / values.length);
  return round(Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length));
}
