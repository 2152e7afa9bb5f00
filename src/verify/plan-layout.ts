// The layout that a placement makes, with where its guests were before.
import type { Guest } from '#domain/guest.ts';
import { type HostTopology, nodeDistance } from '#domain/host-topology.ts';
import { type CpuSet, cpuSet, type NodeSet, nodeSet, unionOf } from '#domain/id-set.ts';
import type { NumaNodeId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import { type GuestPlacement, ownCpus } from '#domain/placement.ts';
import type { CheckInput, PlacedGuest } from './check-plan.ts';
import type { LaidGuest } from './laid-guest.ts';
import type { Layout } from './measure-aims.ts';

/** Shared guests stand nowhere in particular, so no aim counts them. */
export function planLayout(
  guests: readonly PlacedGuest[],
  { inventory, placement, wishes }: Pick<CheckInput, 'inventory' | 'placement' | 'wishes'>,
): Layout {
  const isAlone = guests.filter(({ placed }) => placed.class === 'dedicated').length === 1;
  const laid = guests.flatMap(({ guest, placed }): LaidGuest[] => {
    if (placed.class === 'shared') return [];
    const { span = 'node', cache = 'auto', near } = wishes.get(placed.vmid) ?? {};
    const deviceNodes = guest.kind === 'vm' ? [...(guest.deviceNodes ?? [])] : [];
    return [
      {
        class: placed.class,
        vcpus: guest.kind === 'vm' ? guest.vcpus : (guest.cores ?? 0),
        cpus: cpusOf(placed),
        span,
        emulatorCpus: guest.kind === 'vm' ? placed.emulator.difference(placement.housekeeping) : cpuSet(),
        memoryNodes: memoryNodesOf(placed, inventory.topology),
        leanNodes: leanNodesOf(guest, placed),
        deviceNodes: deviceNodes.filter(([key]) => near?.includes(key) ?? true).map(([, node]) => node),
        wantsLargeCache: cache === 'large' || (cache === 'auto' && placed.class === 'dedicated' && isAlone),
        before: beforeOf(guest, placed, inventory),
      },
    ];
  });
  return { topology: inventory.topology, housekeeping: placement.housekeeping, guests: laid };
}

const cpusOf = (placed: GuestPlacement) =>
  placed.class === 'dedicated' && placed.kind === 'vm' ? placed.vcpus.flatMap(cpus => cpus.ids) : placed.affinity.ids;

/** Where nothing is said of memory, a guest first touches it on its own nodes, or on the nearest with memory. */
function memoryNodesOf({ memory, nodes }: GuestPlacement, topology: HostTopology): NodeSet {
  return nodeSet(memory?.parts.map(part => part.hostNode) ?? nodes.ids.map(node => homeOf(node, topology)));
}

/** In hugepages a share is whole pages; what is left over goes anywhere. */
function leanNodesOf(guest: Guest, { memory, hugepages }: GuestPlacement): NodeSet {
  if (guest.kind !== 'vm' || memory === null) return nodeSet();
  const pages = hugepages === undefined ? guest.hugepages : hugepages;
  const pageMiB = pages === null ? 1 : pages === '1024' ? 1024 : 2;
  const shareOf = (vcpus: number) => Math.floor((guest.memoryMiB * vcpus) / guest.vcpus / pageMiB) * pageMiB;
  return nodeSet(
    memory.parts.filter(part => part.memoryMiB < shareOf(part.vcpus.length)).map(({ hostNode }) => hostNode),
  );
}

function homeOf(node: NumaNodeId, topology: HostTopology): NumaNodeId {
  const withMemory = topology.nodes.filter(({ memoryMiB }) => memoryMiB !== 0).map(({ id }) => id);
  const distance = (to: NumaNodeId) => nodeDistance(topology, node, to);
  return withMemory.sort((a, b) => distance(a) - distance(b) || a - b)[0] ?? node;
}

/** The placement in force, if it has the guest in the same class; else threads that are pinned one to one. */
function beforeOf(guest: Guest, placed: GuestPlacement, { placement }: Inventory): LaidGuest['before'] {
  const earlier = placement?.guests.find(({ vmid }) => vmid === guest.vmid);
  const residentMiB = (guest.kind === 'vm' && guest.runtime?.residentMiB) || new Map();
  return {
    cpus: earlier?.class === placed.class ? ownCpus(earlier) : pinnedCpus(guest),
    nodes: earlier?.nodes ?? nodeSet(),
    residentMiB,
  };
}

function pinnedCpus(guest: Guest): CpuSet {
  const threads = guest.kind === 'vm' ? (guest.runtime?.threads ?? []) : [];
  const masks = threads.filter(({ role }) => role.kind === 'vcpu').map(({ allowed }) => allowed);
  return masks.every(mask => mask.size === 1) ? unionOf(masks) : cpuSet();
}
