// Which guest may run on which CPU, from its threads where it runs, else from its configuration.
import type { Guest } from '#domain/guest.ts';
import type { HostTopology } from '#domain/host-topology.ts';
import { type CpuSet, cpuSet, unionOf } from '#domain/id-set.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { GuestPlacement } from '#domain/placement.ts';
import type { GuestClass } from '#domain/policy.ts';
import { printable } from './printable.ts';

export interface MapGuest {
  readonly guest: Guest;
  /** Fit to be shown: control characters and what is not ASCII are replaced. */
  readonly name: string;
  /** From the placement in force; null when there is none for this guest. */
  readonly class: GuestClass | null;
  readonly running: boolean;
  /** Online CPUs on which the guest's vCPUs, or a container's processes, may run. */
  readonly cpus: CpuSet;
  /** True when the map should show the guest on its CPUs: it has fewer than all, and is not one of those that share what is left. */
  readonly tied: boolean;
  /** Number among the tied guests, from 0: decides the colour. */
  readonly position: number;
  /** Thread siblings that are kept idle for this guest. */
  readonly idle: CpuSet;
}

/** Ascending by VMID; templates never run and are left out. */
export function makeMapGuests({ topology, guests, placement }: Inventory): readonly MapGuest[] {
  let position = 0;
  return guests
    .filter(guest => !guest.template)
    .map(guest => {
      const placed = placement?.guests.find(entry => entry.vmid === guest.vmid);
      const cpus = allowedCpus(guest, topology.online);
      const tied = placed?.class !== 'shared' && cpus.size < topology.online.size;
      return {
        guest,
        name: printable(guest.name ?? ''),
        class: placed?.class ?? null,
        running: guest.runtime !== null,
        cpus,
        tied,
        position: tied ? position++ : 0,
        idle: placed ? idleSiblings(topology, placed) : cpuSet(),
      };
    });
}

/** Every online CPU for a guest that nothing holds. */
function allowedCpus(guest: Guest, online: CpuSet): CpuSet {
  const wanted = guest.kind === 'vm' ? vmCpus(guest) : (guest.runtime?.effective ?? guest.cpuset);
  const possible = wanted?.intersection(online);
  return possible && !possible.isEmpty ? possible : online;
}

function vmCpus({ runtime, affinity }: Extract<Guest, { kind: 'vm' }>): CpuSet | null {
  const vcpus = runtime?.threads.filter(thread => thread.role.kind === 'vcpu') ?? [];
  return vcpus.length > 0 ? unionOf(vcpus.map(thread => thread.allowed)) : affinity;
}

function idleSiblings(topology: HostTopology, placed: GuestPlacement): CpuSet {
  if (placed.class !== 'dedicated' || placed.smt !== 'isolate') return cpuSet();
  const own = unionOf(placed.vcpus);
  const cores = topology.cores.filter(core => !core.cpus.isDisjointFrom(own));
  return unionOf(cores.map(core => core.cpus)).difference(own);
}
