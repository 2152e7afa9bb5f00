// What one guest of a placement adds to the aims that are sums over guests, so that a difference can be laid at its door.
import type { Inventory } from '#domain/inventory.ts';
import { type GuestPlacement, ownCpus } from '#domain/placement.ts';
import type { AimName } from '#domain/plan.ts';
import type { Demand } from './demand.ts';
import { distanceToDevices } from './device-distance.ts';
import { leavesItsPlace } from './moved-guests.ts';
import { distanceWithin } from './node-sets.ts';

export type GuestCosts = Partial<Readonly<Record<AimName, number>>>;

/** `demand` says where the guest is now; without it nothing moves. */
export function guestCosts(guest: GuestPlacement, { topology }: Inventory, demand: Demand | undefined): GuestCosts {
  const cpus = guest.class === 'dedicated' ? ownCpus(guest) : guest.affinity;
  const cores = topology.cores.filter(core => !core.cpus.isDisjointFrom(cpus));
  const vcpusOn = guest.nodes.ids.map(node => cores.filter(core => core.node === node).length);
  return {
    nodes: guest.nodes.size,
    distance: distanceWithin(topology, guest.nodes.ids),
    llcs: new Set(cores.map(core => core.llc)).size,
    efficiencyCores: guest.class === 'dedicated' ? cores.filter(core => core.kind === 'efficiency').length : 0,
    imbalance: Math.max(...vcpusOn) - Math.min(...vcpusOn),
    ...(demand && {
      deviceDistance: distanceToDevices(demand, guest.nodes.ids, topology),
      smallCache: demand.wantsLargeCache ? cores.filter(core => !isLarge(core.llc, topology)).length : 0,
      memoryElsewhere: elsewhereGiB(guest, demand),
      moves: leavesItsPlace(guest, demand) ? demand.vcpus : 0,
    }),
  };
}

const isLarge = (llc: number | null, topology: Inventory['topology']): boolean =>
  topology.llcs.some(domain => domain.id === llc && domain.large === true);

function elsewhereGiB({ nodes, memory }: GuestPlacement, { residentMiB }: Demand): number {
  const homes = memory ? memory.parts.map(part => part.hostNode) : nodes.ids;
  const away = [...residentMiB].filter(([node]) => !homes.includes(node));
  return Math.round(away.reduce((sum, [, held]) => sum + held, 0) / 1024);
}
