// From the arrangement to placements of the dedicated and confined guests: CPUs, emulator CPUs, memory, reasons.
import type { Guest } from '#domain/guest.ts';
import { type CpuSet, cpuSet, IdSet, unionOf } from '#domain/id-set.ts';
import { type NumaNodeId, type VmId, vcpuIndex } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { GuestPlacement, MemoryPart, MemoryPlacement } from '#domain/placement.ts';
import type { Wishes } from '#domain/policy.ts';
import { HUGEPAGE_KEYS, KSM_KEY } from '#proxmox/placement-config.ts';
import type { Arrangement } from './arrangement.ts';
import { type ChosenCpus, chooseCpus } from './choose-cores.ts';
import type { Demand } from './demand.ts';
import { foundValues } from './found-values.ts';
import { planKsm } from './guest-ksm.ts';
import { memoryHome, splitMemory } from './guest-memory.ts';
import { planHugepages } from './hugepages.ts';
import { runTimeWishes } from './run-time-wishes.ts';
import type { HostModel, Shape } from './shapes.ts';

export interface PlaceInput {
  readonly inventory: Inventory;
  readonly wishes: ReadonlyMap<VmId, Wishes>;
  readonly housekeeping: CpuSet;
  readonly host: HostModel;
  /** MiB by node of guests whose memory does not lie in proportion to their vCPUs. */
  readonly lean: ReadonlyMap<VmId, ReadonlyMap<NumaNodeId, number>>;
}

export function placeGuests(
  demands: readonly Demand[],
  arrangement: Arrangement,
  input: PlaceInput,
): readonly GuestPlacement[] {
  const chosen = chooseCpus(demands, arrangement, input.host);
  const taken = takenCpus(chosen, input.host);
  return demands.flatMap((demand, index) => {
    const guest = input.inventory.guests.find(({ vmid }) => vmid === demand.vmid);
    const shape = arrangement.shapes[index];
    if (!guest || !shape) return [];
    const cpus = chosen.get(demand.vmid);
    return [
      cpus
        ? placeDedicated({ guest, demand, shape, cpus, input })
        : placeConfined({ guest, demand, shape, taken, input }),
    ];
  });
}

/** Every CPU of every core that a dedicated guest touches. */
function takenCpus(chosen: ReadonlyMap<VmId, ChosenCpus>, host: HostModel): CpuSet {
  const own = unionOf([...chosen.values()].map(cpus => cpuSet(cpus.vcpus).union(cpus.emulator)));
  return unionOf(host.topology.cores.filter(core => !core.cpus.isDisjointFrom(own)).map(core => core.cpus));
}

function placeDedicated(of: {
  guest: Guest;
  demand: Demand;
  shape: Shape;
  cpus: ChosenCpus;
  input: PlaceInput;
}): GuestPlacement {
  const { guest, demand, shape, cpus, input } = of;
  const own = cpuSet(cpus.vcpus);
  const local = housekeepingOf(shape, input);
  const emulator = guest.kind === 'container' ? own : cpus.emulator.isEmpty ? local : cpus.emulator;
  return {
    ...placementBase(guest, demand, shape, input),
    class: 'dedicated',
    vcpus: guest.kind === 'vm' ? cpus.vcpus.map(cpu => cpuSet([cpu])) : [],
    emulator,
    affinity: own.union(emulator),
    memory: guest.kind === 'vm' ? makeMemory(guest, of, nodesOfVcpus(cpus, input.host)) : null,
  };
}

/** The host's CPUs on the guest's nodes; where these have none, all of the host's. */
function housekeepingOf(shape: Shape, { housekeeping, inventory }: PlaceInput): CpuSet {
  const local = inventory.topology.nodes.filter(node => shape.nodes.includes(node.id)).map(node => node.cpus);
  const kept = housekeeping.intersection(unionOf(local));
  return kept.isEmpty ? housekeeping : kept;
}

function placeConfined(of: {
  guest: Guest;
  demand: Demand;
  shape: Shape;
  taken: CpuSet;
  input: PlaceInput;
}): GuestPlacement {
  const { guest, demand, shape, taken, input } = of;
  const cells = shape.cells.map(cell => input.host.cells[cell]?.cpus ?? cpuSet());
  const cpus = unionOf(cells).difference(taken);
  const [node] = shape.nodes;
  return {
    ...placementBase(guest, demand, shape, input),
    class: 'confined',
    vcpus: guest.kind === 'vm' ? Array.from({ length: demand.vcpus }, () => cpus) : [],
    emulator: cpus,
    affinity: cpus,
    memory: guest.kind === 'vm' && node !== undefined ? makeMemory(guest, of, Array(demand.vcpus).fill(node)) : null,
  };
}

function placementBase(guest: Guest, demand: Demand, shape: Shape, { inventory, wishes }: PlaceInput) {
  const wish = wishes.get(guest.vmid);
  const pages = wish ? planHugepages(guest, wish, inventory) : null;
  const isUnmerged = wish !== undefined && planKsm(guest, wish, inventory) === 'off';
  return {
    vmid: guest.vmid,
    kind: guest.kind,
    identity: guest.identity,
    smt: demand.smt,
    nodes: IdSet.of(shape.nodes),
    ...(pages?.kind === 'set' && { hugepages: pages.value }),
    ...(isUnmerged && { ksm: 'off' as const }),
    ...runTimeWishes(wish),
    found: foundValues(guest, inventory.placement, [
      ...(pages?.kind === 'set' ? HUGEPAGE_KEYS : []),
      ...(isUnmerged ? [KSM_KEY] : []),
    ]),
  };
}

const nodesOfVcpus = (cpus: ChosenCpus, host: HostModel) =>
  cpus.vcpus.map(cpu => host.groups[host.groupOfCpu.get(cpu) ?? -1]?.node);

/** Null where nothing needs to be said: one node without hugepages, which need one named; or memory hotplug, with which Proxmox refuses `numaN`. */
function makeMemory(
  guest: Extract<Guest, { kind: 'vm' }>,
  { demand, input }: { demand: Demand; input: PlaceInput },
  nodeOfVcpu: ReadonlyArray<Shape['nodes'][number] | undefined>,
): MemoryPlacement | null {
  const { topology } = input.host;
  if ((topology.nodes.length < 2 && demand.pageMiB === 1) || guest.memoryHotplug) return null;
  // Hugepages need host nodes named, which a config that travels does not do.
  if (demand.pageMiB > 1 && input.wishes.get(guest.vmid)?.config === 'runtime') return null;
  const homes = nodeOfVcpu.map(node => (node === undefined ? undefined : memoryHome(topology, node)));
  const order = [...new Set(homes)].filter(home => home !== undefined);
  const vcpusOf = (home: Shape['nodes'][number]) =>
    homes.flatMap((candidate, index) => (candidate === home ? [vcpuIndex(index)] : []));
  const vcpusByHome = order.map(home => [home, vcpusOf(home).length] as const);
  const memoryMiB = input.lean.get(guest.vmid) ?? splitMemory(demand, topology, vcpusByHome).memoryMiB;
  const parts = order.map(
    (home): MemoryPart => ({ hostNode: home, memoryMiB: memoryMiB.get(home) ?? 0, vcpus: vcpusOf(home) }),
  );
  const policy = input.wishes.get(guest.vmid)?.memory ?? 'preferred';
  return { policy, parts };
}
