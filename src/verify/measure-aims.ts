// What a layout of guests costs by every aim, whoever made it: told from the machine and the layout alone, without the planner.
import { type Core, type HostTopology, nodeDistance } from '#domain/host-topology.ts';
import { type CpuSet, nodeSet } from '#domain/id-set.ts';
import type { CpuId, NumaNodeId } from '#domain/ids.ts';
import { AIMS, type AimName, type AimValue } from '#domain/plan.ts';
import { cellOf, type LaidGuest, nodeOf, type StandingGuest } from './laid-guest.ts';
import { measureConfined } from './measure-confined.ts';

export interface Layout {
  readonly topology: HostTopology;
  /** CPUs that no dedicated guest may have. */
  readonly housekeeping: CpuSet;
  readonly guests: readonly LaidGuest[];
}

/** In the order of AIMS. */
export function measureAims(layout: Layout): readonly AimValue[] {
  const { topology, guests } = layout;
  const coreOf = new Map(topology.cores.flatMap(core => core.cpus.ids.map(cpu => [cpu, core] as const)));
  const standing = guests.map((guest): StandingGuest => {
    const coreOfCpu = guest.cpus.flatMap(cpu => coreOf.get(cpu) ?? []);
    return { guest, coreOfCpu, nodes: nodeSet(coreOfCpu.map(nodeOf)) };
  });
  const takers = takersOf(standing, coreOf);
  const sum = (cost: (standing: StandingGuest) => number) => standing.reduce((total, guest) => total + cost(guest), 0);
  const values: Record<AimName, number> = {
    nodes: sum(({ nodes }) => nodes.size),
    distance: sum(guest => distanceOf(guest, topology)),
    deviceDistance: sum(guest => deviceDistanceOf(guest, topology)),
    llcs: sum(guest => llcsOf(guest, topology)),
    smallCache: sum(guest => smallCacheOf(guest, topology)),
    efficiencyCores: sum(({ guest, coreOfCpu }) =>
      guest.class === 'dedicated' && coreOfCpu.some(({ kind }) => kind === 'efficiency') ? guest.vcpus : 0,
    ),
    imbalance: sum(imbalanceOf),
    memoryElsewhere: sum(memoryElsewhereGiB),
    sharedCores: [...takers.values()].filter(owners => owners.size > 1).length,
    pressure: measureConfined(standing, topology, new Set(takers.keys())),
    nodeFragmentation: fragmentation(layout, takers, nodeOf),
    llcFragmentation: fragmentation(layout, takers, cellOf),
    moves: sum(guest => movesOf(guest, layout, coreOf)),
  };
  return AIMS.map(aim => ({ aim, value: values[aim] }));
}

/** Cores in dedicated use, with the guests that use them. */
function takersOf(
  standing: readonly StandingGuest[],
  coreOf: ReadonlyMap<CpuId, Core>,
): ReadonlyMap<Core, ReadonlySet<LaidGuest>> {
  const takers = new Map<Core, Set<LaidGuest>>();
  for (const { guest, coreOfCpu } of standing) {
    if (guest.class !== 'dedicated') continue;
    for (const core of [...coreOfCpu, ...guest.emulatorCpus.ids.flatMap(cpu => coreOf.get(cpu) ?? [])]) {
      takers.set(core, (takers.get(core) ?? new Set()).add(guest));
    }
  }
  return takers;
}

/**
 * Between every two of its nodes the longer way; from each node to the nearest of its memory, beyond what local memory costs;
 * and from memory that is nearest to none of its nodes, as if it were one more node's. A node with less memory than its vCPUs' share
 * counts as one without.
 */
function distanceOf({ guest, nodes }: StandingGuest, topology: HostTopology): number {
  const far = (from: NumaNodeId, to: NumaNodeId) =>
    nodeDistance(topology, from, to) - nodeDistance(topology, from, from);
  let total = 0;
  for (const [index, a] of nodes.ids.entries()) {
    for (const b of nodes.ids.slice(index + 1)) {
      total += Math.max(nodeDistance(topology, a, b), nodeDistance(topology, b, a));
    }
  }
  if (guest.memoryNodes.isEmpty) return total;
  const used = new Set<NumaNodeId>();
  for (const node of nodes) {
    const nearest = Math.min(...guest.memoryNodes.ids.map(memory => far(node, memory)));
    for (const memory of guest.memoryNodes) if (far(node, memory) === nearest) used.add(memory);
    total += nearest + beyondLean(guest, nearest, memory => far(node, memory));
  }
  for (const memory of guest.memoryNodes.filter(node => !used.has(node))) {
    total += nodes.isEmpty ? 0 : Math.min(...nodes.ids.map(node => far(node, memory)));
  }
  return total;
}

/** Where the nearest memory is less than the vCPUs' share, they have to go on to the nearest that is not. */
function beyondLean({ memoryNodes, leanNodes }: LaidGuest, nearest: number, far: (to: NumaNodeId) => number): number {
  const isLean = memoryNodes.ids.filter(memory => far(memory) === nearest).every(memory => leanNodes.has(memory));
  const full = memoryNodes.difference(leanNodes);
  return isLean && !full.isEmpty ? Math.min(...full.ids.map(far)) - nearest : 0;
}

/** From each device to the nearest of the guest's nodes, beyond what a node costs that the device is on. */
function deviceDistanceOf({ guest, nodes }: StandingGuest, topology: HostTopology): number {
  if (nodes.isEmpty) return 0;
  return guest.deviceNodes.reduce((total, device) => {
    const nearest = Math.min(...nodes.ids.map(node => nodeDistance(topology, node, device)));
    return total + Math.max(0, nearest - nodeDistance(topology, device, device));
  }, 0);
}

const llcsOf = (standing: StandingGuest, topology: HostTopology): number =>
  new Set(coresInReach(standing, topology).map(cellOf)).size;

/** A guest confined to a node may run on all of its cores. */
function coresInReach({ guest, coreOfCpu, nodes }: StandingGuest, topology: HostTopology): readonly Core[] {
  const isWholeNode = guest.class === 'confined' && guest.span === 'node';
  return isWholeNode ? topology.cores.filter(core => nodes.has(nodeOf(core))) : coreOfCpu;
}

/** vCPUs outside the large caches that their guest wants; of a confined guest all, when it may run outside. */
function smallCacheOf(standing: StandingGuest, topology: HostTopology): number {
  const { guest } = standing;
  const large = topology.llcs.filter(llc => llc.large === true).map(({ id }) => id);
  if (!guest.wantsLargeCache || large.length === 0) return 0;
  const outside = coresInReach(standing, topology).filter(({ llc }) => llc === null || !large.includes(llc)).length;
  return guest.class === 'confined' && outside > 0 ? guest.vcpus : outside;
}

function imbalanceOf({ guest, coreOfCpu, nodes }: StandingGuest): number {
  if (guest.class === 'confined' || nodes.isEmpty) return 0;
  const perNode = nodes.ids.map(node => coreOfCpu.filter(core => nodeOf(core) === node).length);
  return Math.max(...perNode) - Math.min(...perNode);
}

function memoryElsewhereGiB({ guest }: StandingGuest): number {
  const left = [...guest.before.residentMiB].filter(([node]) => !guest.memoryNodes.has(node));
  return Math.round(left.reduce((sum, [, residentMiB]) => sum + residentMiB, 0) / 1024);
}

/** How much smaller, in cores, the largest dedicated guest has become that still fits into one node or cache. */
function fragmentation(
  { topology, housekeeping }: Layout,
  takers: ReadonlyMap<Core, unknown>,
  unitOf: (core: Core) => string | number,
): number {
  const givable = topology.cores.filter(core => core.cpus.isDisjointFrom(housekeeping));
  const largest = (cores: readonly Core[]) => Math.max(0, ...countBy(cores, unitOf).values());
  return largest(givable) - largest(givable.filter(core => !takers.has(core)));
}

/** vCPUs that leave their kind of core in their cache; of a confined guest all, when it leaves a node. */
function movesOf({ guest, coreOfCpu, nodes }: StandingGuest, layout: Layout, coreOf: ReadonlyMap<CpuId, Core>): number {
  const { before } = guest;
  if (guest.class === 'confined') return before.nodes.isSubsetOf(nodes) ? 0 : guest.vcpus;
  const isGivable = (core: Core) => core.cpus.isDisjointFrom(layout.housekeeping);
  const alike = (core: Core) => `${cellOf(core)}/${core.kind}/${core.cpus.size}`;
  const now = countBy(coreOfCpu, alike);
  const then = countBy(before.cpus.ids.flatMap(cpu => coreOf.get(cpu) ?? []).filter(isGivable), alike);
  const kept = [...then].reduce((sum, [key, count]) => sum + Math.min(count, now.get(key) ?? 0), 0);
  return Math.max(0, Math.min(guest.vcpus, before.cpus.size) - kept);
}

function countBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): ReadonlyMap<Key, number> {
  const counts = new Map<Key, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}
