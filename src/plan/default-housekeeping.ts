// Which cores the host keeps when the policy does not say.
import {
  type HostKind,
  hostKind,
  leastHousekeeping,
  nodeOfCore,
  spareCores,
  usualHousekeeping,
} from '#domain/host-kind.ts';
import type { Core, HostTopology } from '#domain/host-topology.ts';
import { type CpuSet, unionOf } from '#domain/id-set.ts';
import type { NumaNodeId, VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import { ownCpus } from '#domain/placement.ts';
import type { Wishes } from '#domain/policy.ts';

export interface HousekeepingInput {
  readonly inventory: Pick<Inventory, 'topology' | 'placement' | 'guests' | 'storage' | 'networkMbit'>;
  readonly wishes: ReadonlyMap<VmId, Wishes>;
}

export interface DefaultHousekeeping {
  readonly cpus: CpuSet;
  readonly kind: HostKind;
  /** Cores among them that are kept for storage, or for many containers. */
  readonly more: number;
}

/** From here on containers are many: each is a bundle of processes of its own. */
const MANY_CONTAINERS = 10;

/**
 * 1. As many cores of each node as is usual for this kind of host;
 * 2. one more for every Ceph daemon that runs and for ZFS, where most cores are left, up to half of the host;
 * 3. without those that dedicated guests cannot do without, down to one of each node.
 * 4. In each node the boot core, then those that are kept already, then those that no dedicated guest is on, the least valuable first.
 */
export function makeDefaultHousekeeping(input: HousekeepingInput): DefaultHousekeeping {
  const { topology, placement } = input.inventory;
  const kind = hostKind(topology);
  const usual = usualHousekeeping(topology);
  const enough = withMore(usual, moreCores(input, kind), topology);
  const counts = withoutNeeded(enough, input);
  const owned = unionOf((placement?.guests ?? []).filter(({ vmid }) => isDedicated(vmid, input)).map(ownCpus));
  const rank = ({ cpus }: Core) => {
    if (topology.online.first !== undefined && cpus.has(topology.online.first)) return 0;
    if (placement !== null && cpus.isSubsetOf(placement.housekeeping)) return 1;
    return cpus.isDisjointFrom(owned) ? 2 : 3;
  };
  const byRank = [...spareCores(topology)].sort((a, b) => rank(a) - rank(b) || leastValuableFirst(topology)(a, b));
  const kept = [...counts].flatMap(([node, count]) => byRank.filter(core => nodeOfCore(core) === node).slice(0, count));
  return {
    cpus: unionOf([...bootCores(topology, kind), ...kept].map(({ cpus }) => cpus)),
    kind,
    more: sum(enough) - sum(usual),
  };
}

/**
 * The kernel keeps time and serves many interrupts on the boot CPU, so its core is the host's. Not where it would break up the
 * large cache: a guest of the size of that die is what such a machine is bought for.
 */
const bootCores = ({ cores, online }: HostTopology, kind: HostKind): readonly Core[] =>
  kind === 'large-cache' ? [] : cores.filter(({ cpus }) => online.first !== undefined && cpus.has(online.first));

const sum = (counts: ReadonlyMap<NumaNodeId, number>) =>
  [...counts.values()].reduce((total, count) => total + count, 0);

function moreCores({ inventory: { guests, storage } }: HousekeepingInput, kind: HostKind): number {
  if (kind === 'small') return 0;
  const containers = guests.filter(guest => guest.kind === 'container' && guest.runtime !== null).length;
  const hasZfs = (storage?.zfsPools ?? 0) > 0;
  if (kind === 'large-cache' && (hasZfs || containers >= MANY_CONTAINERS)) return 2 + (storage?.cephDaemons ?? 0);
  return (hasZfs ? 1 : 0) + (storage?.cephDaemons ?? 0);
}

/** One by one from the node with the most spare cores left, up to half of the host. */
function withMore(usual: ReadonlyMap<NumaNodeId, number>, more: number, topology: HostTopology) {
  const counts = new Map(usual);
  const left = (node: NumaNodeId) =>
    spareCores(topology).filter(core => nodeOfCore(core) === node).length - (counts.get(node) ?? 0);
  for (let added = 0; added < more && sum(counts) * 2 < topology.cores.length; added++) {
    const [node] = [...counts.keys()].sort((a, b) => left(b) - left(a) || a - b);
    if (node !== undefined && left(node) > 0) counts.set(node, (counts.get(node) ?? 0) + 1);
  }
  return counts;
}

/** A default gives way to what is asked for in so many words. */
function withoutNeeded(enough: ReadonlyMap<NumaNodeId, number>, input: HousekeepingInput) {
  const { topology } = input.inventory;
  const least = leastHousekeeping(topology);
  const needed = neededCores(input);
  const isHybrid = hostKind(topology) === 'hybrid';
  const performance = topology.cores.length - spareCores(topology).length;
  // Guests do not mix kinds of core: those that do not fit on the performance cores need the others as a whole.
  if (isHybrid && needed >= performance) return least;
  const counts = new Map(enough);
  while (sum(counts) > Math.max(sum(least), topology.cores.length - needed)) {
    const [node] = [...counts.keys()].sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0) || b - a);
    if (node === undefined) break;
    counts.set(node, (counts.get(node) ?? 0) - 1);
  }
  return counts;
}

const isDedicated = (vmid: VmId, { wishes }: HousekeepingInput): boolean => wishes.get(vmid)?.class === 'dedicated';

/** The fewest cores on which the dedicated guests can stand, wherever they go. */
function neededCores(input: HousekeepingInput): number {
  const { guests, topology } = input.inventory;
  const threads = Math.max(1, ...topology.cores.map(({ cpus }) => cpus.size));
  let whole = 0;
  let single = 0;
  for (const guest of guests) {
    if (guest.template || !isDedicated(guest.vmid, input)) continue;
    const wish = input.wishes.get(guest.vmid);
    const cpus = guest.kind === 'vm' ? guest.vcpus : (guest.cores ?? 0);
    if (guest.kind === 'vm' && wish?.emulator === 'own') whole += 1;
    if (wish?.smt === 'isolate') whole += cpus;
    else if (wish?.smt === 'pairs') whole += Math.ceil(cpus / threads);
    else single += cpus;
  }
  return whole + Math.ceil(single / threads);
}

/** Efficiency cores, then those with the smaller cache, then the lowest. */
export function leastValuableFirst(topology: HostTopology): (a: Core, b: Core) => number {
  const cacheKiB = (core: Core) => topology.llcs.find(llc => llc.id === core.llc)?.sizeKiB ?? 0;
  const kind = (core: Core) => (core.kind === 'efficiency' ? 0 : 1);
  return (a, b) => kind(a) - kind(b) || cacheKiB(a) - cacheKiB(b) || a.id - b.id;
}
