// Keeps every guest that asks for nothing off the CPUs that belong to others, and changes nothing else about it.
import type { ContainerGuest, Guest, VmGuest } from '#domain/guest.ts';
import type { HostTopology } from '#domain/host-topology.ts';
import { type CpuSet, cpuSet, IdSet } from '#domain/id-set.ts';
import type { CpuId, NumaNodeId, VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import { type GuestPlacement, type Placement, reservedCpus } from '#domain/placement.ts';
import type { Wishes } from '#domain/policy.ts';
import { configuredCpus } from '#proxmox/placement-config.ts';
import { foundValues } from './found-values.ts';
import { runTimeWishes } from './run-time-wishes.ts';

/** A container that needs more CPUs than are left. */
export interface TooFewCpus {
  readonly guest: ContainerGuest;
  readonly usable: CpuSet;
}

export interface SharedPlacements {
  readonly guests: readonly GuestPlacement[];
  readonly tooFew: readonly TooFewCpus[];
}

/**
 * 1. Nothing is reserved: nobody needs to be kept off anything.
 * 2. VMs: the operator's own affinity without the reserved CPUs, else all CPUs that are left.
 * 3. Containers, by VMID: as many CPUs as they ask for, and the same ones as now where that is possible.
 */
export function placeShared(
  inventory: Inventory,
  placed: Placement,
  wishes: ReadonlyMap<VmId, Wishes>,
): SharedPlacements {
  const reserved = cpuSet(reservedCpus(placed, inventory.topology).keys());
  if (reserved.isEmpty) return { guests: [], tooFew: [] };
  const { topology } = inventory;
  const left = topology.online.difference(reserved);
  const unisolated = left.difference(topology.isolated);
  const pool = unisolated.isEmpty ? left : unisolated;
  const claims = new Map<CpuId, number>();
  for (const cpu of placed.housekeeping) claims.set(cpu, 1);
  const guests: GuestPlacement[] = [];
  const tooFew: TooFewCpus[] = [];
  for (const guest of [...inventory.guests].sort((a, b) => a.vmid - b.vmid)) {
    if (guest.template || placed.guests.some(({ vmid }) => vmid === guest.vmid)) continue;
    const own = operatorsCpus(guest, inventory)?.intersection(topology.online);
    const usable = own?.difference(reserved) ?? pool;
    if (guest.kind === 'vm') {
      guests.push(makeShared({ guest, cpus: usable.isEmpty ? pool : usable, inventory, wishes }));
      continue;
    }
    const limit = guest.cores ?? own?.size ?? null;
    // A limit of all CPUs is none.
    const wanted = limit !== null && limit >= topology.online.size ? null : limit;
    if (wanted !== null && wanted > pool.size) {
      tooFew.push({ guest, usable: pool });
      continue;
    }
    const cpus = wanted === null ? pool : chooseCpus({ guest, wanted, preferred: usable, pool, claims, inventory });
    for (const cpu of cpus) claims.set(cpu, (claims.get(cpu) ?? 0) + 1);
    guests.push(makeShared({ guest, cpus, inventory, wishes }));
  }
  return { guests, tooFew };
}

/** What the operator had set before we came; null when every CPU was allowed. */
const operatorsCpus = (guest: Guest, inventory: Inventory): CpuSet | null =>
  configuredCpus(guest.kind, foundValues(guest, inventory.placement));

/**
 * The container's present CPUs if they are right already; else its own usable ones, filled up from one cache domain
 * if one has enough, with the CPUs that the fewest others claim.
 */
function chooseCpus(of: {
  guest: ContainerGuest;
  wanted: number;
  preferred: CpuSet;
  pool: CpuSet;
  claims: ReadonlyMap<CpuId, number>;
  inventory: Inventory;
}): CpuSet {
  const { guest, wanted, preferred, pool, claims, inventory } = of;
  const inForce = inventory.placement?.guests.find(({ vmid }) => vmid === guest.vmid)?.affinity;
  for (const present of [inForce, guest.runtime?.effective]) {
    if (present?.size === wanted && present.isSubsetOf(pool)) return present;
  }
  const claimed = (cpu: CpuId) => claims.get(cpu) ?? 0;
  const byClaims = (cpus: CpuSet) => [...cpus].sort((a, b) => claimed(a) - claimed(b) || a - b).slice(0, wanted);
  if (preferred.size >= wanted) {
    const domains = inventory.topology.llcs.map(llc => llc.cpus.intersection(preferred));
    const choices = [...domains, preferred].filter(domain => domain.size >= wanted).map(byClaims);
    const cost = (cpus: readonly CpuId[]) => cpus.reduce((sum, cpu) => sum + claimed(cpu), 0);
    return cpuSet(choices.reduce((best, choice) => (cost(choice) < cost(best) ? choice : best)));
  }
  const more = byClaims(pool.difference(preferred)).slice(0, wanted - preferred.size);
  return preferred.union(cpuSet(more));
}

function makeShared({
  guest,
  cpus,
  inventory,
  wishes,
}: {
  guest: Guest;
  cpus: CpuSet;
  inventory: Inventory;
  wishes: ReadonlyMap<VmId, Wishes>;
}): GuestPlacement {
  return {
    vmid: guest.vmid,
    kind: guest.kind,
    identity: guest.identity,
    class: 'shared',
    smt: 'any',
    vcpus: guest.kind === 'vm' ? Array.from({ length: (guest satisfies VmGuest).vcpus }, () => cpus) : [],
    emulator: cpus,
    affinity: cpus,
    nodes: nodesOf(cpus, inventory.topology),
    memory: null,
    ...runTimeWishes(wishes.get(guest.vmid)),
    found: foundValues(guest, inventory.placement),
  };
}

function nodesOf(cpus: CpuSet, topology: HostTopology): IdSet<NumaNodeId> {
  return IdSet.of(topology.nodes.filter(node => !node.cpus.isDisjointFrom(cpus)).map(node => node.id));
}
