// The kubelet's Topology Manager: which NUMA nodes CPU, memory and device managers can agree on.

/** With more nodes the Topology Manager does not start. */
const MOST_NODES = 8;

/** What one manager has, by node in the order of the host's nodes, and what it is asked for. */
export interface Supply {
  readonly capacity: readonly number[];
  readonly free: readonly number[];
  readonly wanted: number;
}

export type TopologyPolicy = 'best-effort' | 'restricted' | 'single-numa-node';

/** A set of nodes: bit n for the n-th of the host. */
type NodeMask = number;

/** Nodes that would do for one manager; preferred when no fewer nodes of an empty host would. */
interface Hint {
  readonly nodes: NodeMask;
  readonly preferred: boolean;
}

/**
 * The nodes that the guest is held to, as their indexes: of all ways to take one hint of each manager, what they have in common,
 * preferred ones before others, then the fewest, then the lowest. Null: the policy does not admit the guest.
 */
export function alignNodes(nodeCount: number, supplies: readonly Supply[], policy: TopologyPolicy): NodeMask | null {
  if (nodeCount > MOST_NODES) return null;
  const all = 2 ** nodeCount - 1;
  const isSingle = ({ nodes, preferred }: Hint): boolean => preferred && sizeOf(nodes) === 1;
  const offers = supplies.map(supply =>
    makeHints(all, supply).filter(hint => policy !== 'single-numa-node' || isSingle(hint)),
  );
  const merged = offers.reduce<readonly Hint[]>(mergeHints, [{ nodes: all, preferred: true }]);
  const best = merged.filter(hint => hint.nodes !== 0).reduce<Hint>(better, { nodes: all, preferred: false });
  return best.preferred || policy === 'best-effort' ? best.nodes : null;
}

/** The memory manager, which comes after: the smallest set with the agreed nodes in it that has enough; null: none has. */
export function widenNodes(agreed: NodeMask, nodeCount: number, { free, wanted }: Supply): NodeMask | null {
  const sets = masksUpTo(2 ** nodeCount - 1).filter(
    nodes => (nodes & agreed) === agreed && sumOver(free, nodes) >= wanted,
  );
  return sets.length === 0 ? null : sets.reduce((best, nodes) => (sizeOf(nodes) < sizeOf(best) ? nodes : best));
}

export const isInMask = (mask: NodeMask, index: number): boolean => (mask & (1 << index)) !== 0;

const masksUpTo = (all: NodeMask): readonly NodeMask[] => Array.from({ length: all }, (_, n) => n + 1);

const sizeOf = (mask: NodeMask): number => (mask === 0 ? 0 : (mask & 1) + sizeOf(mask >> 1));

const sumOver = (amounts: readonly number[], mask: NodeMask): number =>
  amounts.reduce((sum, amount, index) => sum + (isInMask(mask, index) ? amount : 0), 0);

function makeHints(all: NodeMask, { capacity, free, wanted }: Supply): readonly Hint[] {
  const masks = masksUpTo(all);
  const large = masks.filter(nodes => sumOver(capacity, nodes) >= wanted);
  const fewest = Math.min(sizeOf(all), ...large.map(sizeOf));
  const enough = masks.filter(nodes => sumOver(free, nodes) >= wanted);
  return enough.map(nodes => ({ nodes, preferred: sizeOf(nodes) === fewest }));
}

/** A manager without any hint can do with every node and prefers none. */
function mergeHints(merged: readonly Hint[], hints: readonly Hint[]): readonly Hint[] {
  if (hints.length === 0) return merged.map(({ nodes }) => ({ nodes, preferred: false }));
  const found = new Map<NodeMask, boolean>();
  for (const one of merged) {
    for (const other of hints) {
      const nodes = one.nodes & other.nodes;
      found.set(nodes, (one.preferred && other.preferred) || (found.get(nodes) ?? false));
    }
  }
  return [...found].map(([nodes, preferred]) => ({ nodes, preferred }));
}

function better(best: Hint, hint: Hint): Hint {
  if (hint.preferred !== best.preferred) return hint.preferred ? hint : best;
  const fewer = sizeOf(hint.nodes) - sizeOf(best.nodes);
  return fewer < 0 || (fewer === 0 && hint.nodes < best.nodes) ? hint : best;
}
