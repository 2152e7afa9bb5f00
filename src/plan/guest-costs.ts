// What one guest of a placement adds to the aims that are sums over guests, so that a difference can be laid at its door.
import type { HostTopology } from '#domain/host-topology.ts';
import type { CpuSet } from '#domain/id-set.ts';
import { type GuestPlacement, type MemoryPart, ownCpus } from '#domain/placement.ts';
import type { AimName } from '#domain/plan.ts';
import type { Demand } from './demand.ts';
import { distanceToDevices } from './device-distance.ts';
import { fairShare, splitMemory } from './guest-memory.ts';
import { beyondLean } from './lean-shapes.ts';
import { leavesItsPlace } from './moved-guests.ts';
import { distanceWithin } from './node-sets.ts';

export type GuestCosts = Partial<Readonly<Record<AimName, number>>>;

interface CostsInput {
  readonly topology: HostTopology;
  readonly housekeeping: CpuSet;
}

/** `demand` says where the guest is now; without it nothing moves. */
export function guestCosts(guest: GuestPlacement, input: CostsInput, demand: Demand | undefined): GuestCosts {
  const { topology } = input;
  const cpus = guest.class === 'dedicated' ? ownCpus(guest) : guest.affinity;
  const cores = topology.cores.filter(core => !core.cpus.isDisjointFrom(cpus));
  const vcpusOn = guest.nodes.ids.map(node => cores.filter(core => core.node === node).length);
  return {
    nodes: guest.nodes.size,
    distance: distanceOf(guest, topology, demand),
    llcs: new Set(cores.map(core => core.llc)).size,
    efficiencyCores: guest.class === 'dedicated' ? cores.filter(core => core.kind === 'efficiency').length : 0,
    imbalance: Math.max(...vcpusOn) - Math.min(...vcpusOn),
    ...(demand && {
      deviceDistance: distanceToDevices(demand, guest.nodes.ids, topology),
      smallCache: demand.wantsLargeCache ? cores.filter(core => !isLarge(core.llc, topology)).length : 0,
      memoryElsewhere: elsewhereGiB(guest, demand),
      moves: leavesItsPlace(guest, demand, input) ? demand.vcpus : 0,
    }),
  };
}

/** Between its nodes, and from them to its memory. */
function distanceOf({ nodes, memory }: GuestPlacement, topology: HostTopology, demand: Demand | undefined): number {
  const farther = splitMemory(
    { memoryMiB: 0, vcpus: nodes.size, pageMiB: 1 },
    topology,
    nodes.ids.map(node => [node, 1]),
  ).farther;
  const within = distanceWithin(topology, nodes.ids) + farther;
  const parts = memory?.parts ?? [];
  const isLean = ({ memoryMiB, vcpus }: MemoryPart) =>
    demand?.mayBeLean === true && memoryMiB < fairShare(demand, vcpus.length);
  const [lean, full] = [parts.filter(isLean), parts.filter(part => !isLean(part))].map(some =>
    some.map(({ hostNode }) => hostNode),
  );
  return within + (lean?.length ? beyondLean(nodes.ids, { lean, full: full ?? [] }, topology) : 0);
}

const isLarge = (llc: number | null, topology: HostTopology): boolean =>
  topology.llcs.some(domain => domain.id === llc && domain.large === true);

function elsewhereGiB({ nodes, memory }: GuestPlacement, { residentMiB }: Demand): number {
  const homes = memory ? memory.parts.map(part => part.hostNode) : nodes.ids;
  const away = [...residentMiB].filter(([node]) => !homes.includes(node));
  return Math.round(away.reduce((sum, [, held]) => sum + held, 0) / 1024);
}
