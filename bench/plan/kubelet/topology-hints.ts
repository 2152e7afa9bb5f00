// The kubelet's Topology Manager: which NUMA nodes CPU, memory and device managers can agree on.
import { type NodeSet, nodeSet } from '#domain/id-set.ts';
import { combinations } from './combinations.ts';

/** With more nodes the Topology Manager does not start. */
const MOST_NODES = 8;

/** NUMA nodes that would do for one manager; preferred when no fewer nodes of an empty host would. */
interface Hint {
  readonly nodes: NodeSet;
  readonly preferred: boolean;
}

/** What one manager has on each node. */
export interface Supply {
  readonly capacity: (nodes: NodeSet) => number;
  readonly free: (nodes: NodeSet) => number;
  readonly wanted: number;
}

export type TopologyPolicy = 'best-effort' | 'restricted' | 'single-numa-node';

/**
 * The nodes that the guest is held to: of all ways to take one hint of each manager, the nodes that they have in common,
 * preferred ones before others, then fewest, then the lowest. Null: the policy does not admit the guest.
 */
export function alignNodes(all: NodeSet, supplies: readonly Supply[], policy: TopologyPolicy): NodeSet | null {
  if (all.size > MOST_NODES) return null;
  const offers = supplies.map(supply =>
    makeHints(all, supply).filter(hint => policy !== 'single-numa-node' || isSingle(hint)),
  );
  const merged = offers.reduce<readonly Hint[]>(mergeHints, [{ nodes: all, preferred: true }]);
  const best = merged.filter(hint => !hint.nodes.isEmpty).reduce<Hint>(better, { nodes: all, preferred: false });
  return best.preferred || policy === 'best-effort' ? best.nodes : null;
}

/** The memory manager, which comes after: the smallest set with the agreed nodes in it that has enough; null: none has. */
export function widenNodes(agreed: NodeSet, all: NodeSet, { free, wanted }: Supply): NodeSet | null {
  return setsOf(all).find(nodes => agreed.isSubsetOf(nodes) && free(nodes) >= wanted) ?? null;
}

/** All sets of nodes but the empty one, small ones first. */
const setsOf = (all: NodeSet): readonly NodeSet[] =>
  all.ids.flatMap((_, index) => [...combinations(all.ids, index + 1)].map(nodeSet));

const isSingle = ({ nodes, preferred }: Hint): boolean => preferred && nodes.size === 1;

function makeHints(all: NodeSet, { capacity, free, wanted }: Supply): readonly Hint[] {
  const sets = setsOf(all);
  const fewest = sets.find(nodes => capacity(nodes) >= wanted)?.size ?? all.size;
  return sets.filter(nodes => free(nodes) >= wanted).map(nodes => ({ nodes, preferred: nodes.size === fewest }));
}

/** A manager without any hint can do with every node and prefers none. */
function mergeHints(merged: readonly Hint[], hints: readonly Hint[]): readonly Hint[] {
  if (hints.length === 0) return merged.map(({ nodes }) => ({ nodes, preferred: false }));
  const found = new Map<string, Hint>();
  for (const one of merged) {
    for (const other of hints) {
      const nodes = one.nodes.intersection(other.nodes);
      const key = nodes.ids.join();
      const preferred = (one.preferred && other.preferred) || (found.get(key)?.preferred ?? false);
      found.set(key, { nodes, preferred });
    }
  }
  return [...found.values()];
}

function better(best: Hint, hint: Hint): Hint {
  if (hint.preferred !== best.preferred) return hint.preferred ? hint : best;
  if (hint.nodes.size !== best.nodes.size) return hint.nodes.size < best.nodes.size ? hint : best;
  return maskOf(hint.nodes) < maskOf(best.nodes) ? hint : best;
}

/** At most `MOST_NODES` nodes, whose ids may be larger than that. */
const maskOf = (nodes: NodeSet): number => nodes.ids.reduce((sum, id) => sum + 2 ** id, 0);
