// What the whole plan would cost if one guest stood elsewhere: on other nodes, or behind another cache of its only node.
import type { Neighbour, Place } from '#domain/alternative.ts';
import type { HostTopology, LlcDomain } from '#domain/host-topology.ts';
import { type CpuSet, IdSet, unionOf } from '#domain/id-set.ts';
import { type GuestPlacement, ownCpus, type Placement } from '#domain/placement.ts';
import type { Plan } from '#domain/plan.ts';
import { compareOutcomes, comparePlans } from './compare-plans.ts';
import { makePlan, type PlanInput } from './make-plan.ts';
import { makeNodeSets } from './node-sets.ts';

/** More places than these nobody wants to read about, and each costs a planning. */
const MOST_NEIGHBOURS = 8;

/**
 * 1. The places like the guest's own: as many nodes, nearest to each other first; on a host with one node the other caches.
 * 2. For each the best plan of all guests with this one held there.
 * 3. The best first, the impossible last. None for a guest that is not dedicated or confined.
 */
export function makeNeighbours(input: PlanInput, chosen: Plan, placed: GuestPlacement): readonly Neighbour[] {
  if (placed.class === 'shared') return [];
  const { topology } = input.inventory;
  const hasNodes = topology.nodes.filter(node => !node.cpus.isEmpty).length > 1;
  const places = hasNodes ? otherNodes(placed, topology) : otherCaches(placed, chosen.placement, topology);
  const neighbours = places.slice(0, MOST_NEIGHBOURS).map((place): Neighbour => {
    const hold = {
      allowedNodes: new Set(place.nodes),
      allowedLlcs: place.llc === null ? null : new Set([place.llc]),
    };
    const other = makePlan({ ...input, held: new Map([[placed.vmid, hold]]) });
    return { place, outcome: comparePlans(chosen, other, { ...input, nodes: place.nodes }) };
  });
  return neighbours.sort((a, b) => compareOutcomes(a.outcome, b.outcome));
}

function otherNodes({ nodes }: GuestPlacement, topology: HostTopology): readonly Place[] {
  const sets = makeNodeSets(topology).nodeSets.map(ids => IdSet.of(ids));
  return sets
    .filter(set => set.size === nodes.size && !set.equals(nodes))
    .map(set => ({
      nodes: set,
      llc: null,
      cpus: unionOf(topology.nodes.filter(({ id }) => set.has(id)).map(({ cpus }) => cpus)),
    }));
}

/** One cache of each kind: caches of the same size, with as many CPUs and the same guests, are as good as each other. */
function otherCaches(placed: GuestPlacement, placement: Placement, topology: HostTopology): readonly Place[] {
  const cpus = placed.class === 'dedicated' ? ownCpus(placed) : placed.affinity;
  const used = topology.llcs.filter(llc => !llc.cpus.isDisjointFrom(cpus));
  if (used.length !== 1) return [];
  const kinds = new Map<string, LlcDomain>();
  for (const llc of topology.llcs) {
    const kind = kindOf(llc, placement, topology);
    if (!used.includes(llc) && !kinds.has(kind)) kinds.set(kind, llc);
  }
  return [...kinds.values()].map(llc => ({ nodes: placed.nodes, llc: llc.id, cpus: llc.cpus }));
}

function kindOf(llc: LlcDomain, { guests, housekeeping }: Placement, topology: HostTopology): string {
  const usesIt = (cpus: CpuSet) => !cpus.isDisjointFrom(llc.cpus);
  const there = guests.filter(guest => usesIt(guest.class === 'confined' ? guest.affinity : ownCpus(guest)));
  const cores = topology.cores.filter(core => core.llc === llc.id && core.cpus.isDisjointFrom(housekeeping));
  const kinds = cores.map(core => `${core.kind} ${core.cpus.size}`);
  return [llc.sizeKiB, llc.large, ...kinds, 'with', ...there.map(({ vmid }) => vmid)].join();
}
