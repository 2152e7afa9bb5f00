// The same host if its firmware were set otherwise or it had one more socket: a supposition to plan on, never to apply.
import type { HostTopology, LlcDomain, NumaNode } from '#domain/host-topology.ts';
import { type CpuSet, cpuSet, unionOf } from '#domain/id-set.ts';
import { coreId, llcId, type NumaNodeId, numaNodeId, packageId } from '#domain/ids.ts';
import type { Inventory, NodeMemory } from '#domain/inventory.ts';
import type { WhatIf } from '#domain/what-if.ts';
import { limitTopology } from './limit-topology.ts';

/** Usual distances in firmware tables: within a package, and to another one. */
const NEAR = 12;
const FAR = 32;
const LOCAL = 10;

/**
 * Every supposition needs a reboot, so no guest runs there, no placement is in force, and what guests hold now is free.
 * They are made in the order of `whatIfs`.
 */
export function suppose(inventory: Inventory, whatIfs: readonly WhatIf[]): Inventory {
  return whatIfs.reduce<Inventory>((host, whatIf) => SUPPOSITIONS[whatIf](host), reboot(inventory));
}

const SUPPOSITIONS: Readonly<Record<WhatIf, (inventory: Inventory) => Inventory>> = {
  'smt-off': turnOffSiblings,
  nps1: inventory => splitPackages(inventory, 1),
  nps4: inventory => splitPackages(inventory, 4),
  '+socket': addSocket,
};

function reboot(inventory: Inventory): Inventory {
  const heldMiB = (node: NumaNodeId) =>
    inventory.guests.reduce((sum, { runtime }) => {
      const resident = runtime !== null && 'residentMiB' in runtime ? runtime.residentMiB : null;
      return sum + (resident?.get(node) ?? 0);
    }, 0);
  return {
    ...inventory,
    memory: inventory.memory.map(of => ({
      ...of,
      freeMiB: Math.min(of.totalMiB, of.freeMiB + heldMiB(of.node)),
      availableMiB: Math.min(of.totalMiB, of.availableMiB + heldMiB(of.node)),
    })),
    guests: inventory.guests.map(guest => ({ ...guest, runtime: null })),
    placement: null,
  };
}

/** The first thread of every core stays. */
function turnOffSiblings(inventory: Inventory): Inventory {
  const { topology } = inventory;
  const online = cpuSet(topology.cores.flatMap(({ cpus }) => cpus.ids.slice(0, 1)));
  return { ...inventory, topology: limitTopology(topology, online) };
}

/** So many nodes in every package, with whole LLC domains where there are enough, and a fair part of its memory. Memory-only nodes stay as they are. */
function splitPackages(inventory: Inventory, perPackage: number): Inventory {
  const { topology } = inventory;
  const bare = topology.nodes.filter(node => node.cpus.isEmpty);
  const firstId = Math.max(-1, ...bare.map(node => node.id)) + 1;
  const parts = topology.packages
    .flatMap(({ id, cpus }) => divide(cpus, topology, perPackage).map(part => ({ package: id, cpus: part })))
    .map((part, index) => ({ ...part, id: numaNodeId(firstId + index) }));
  const distance = (a: (typeof parts)[number], b: (typeof parts)[number]) =>
    a === b ? LOCAL : a.package === b.package ? NEAR : FAR;
  const memory = parts.map(part => memoryOf(part, inventory));
  const nodes = parts.map(
    (part, index): NumaNode => ({
      id: part.id,
      cpus: part.cpus,
      memoryMiB: memory[index]?.totalMiB ?? null,
      distances: new Map([
        ...bare.map(node => [node.id, FAR] as const),
        ...parts.map(other => [other.id, distance(part, other)] as const),
      ]),
    }),
  );
  const nodeOf = (cpus: CpuSet) => nodes.find(node => !node.cpus.isDisjointFrom(cpus))?.id ?? null;
  return {
    ...inventory,
    topology: {
      ...topology,
      nodes: [...bare, ...nodes].sort((a, b) => a.id - b.id),
      cores: topology.cores.map(core => ({ ...core, node: nodeOf(core.cpus) })),
    },
    memory: [...inventory.memory.filter(({ node }) => bare.some(({ id }) => id === node)), ...memory],
    // Devices hang on a package; which of its nodes they would be near to only the firmware knows.
    ...(inventory.pciDevices && { pciDevices: inventory.pciDevices.map(device => ({ ...device, node: null })) }),
  };
}

/** Of every present node the part of its memory that goes with these CPUs. */
function memoryOf({ id, cpus }: { id: NumaNodeId; cpus: CpuSet }, { topology, memory }: Inventory): NodeMemory {
  const sum = (value: (of: NodeMemory) => number) =>
    memory.reduce((total, of) => {
      const there = topology.nodes.find(node => node.id === of.node)?.cpus ?? cpuSet();
      return total + (there.isEmpty ? 0 : Math.floor((value(of) * there.intersection(cpus).size) / there.size));
    }, 0);
  const sizes = [...new Set(memory.flatMap(of => [...of.hugepages.keys()]))];
  const pages = (size: number) => ({
    total: sum(of => of.hugepages.get(size)?.total ?? 0),
    free: sum(of => of.hugepages.get(size)?.free ?? 0),
  });
  return {
    node: id,
    totalMiB: sum(of => of.totalMiB),
    freeMiB: sum(of => of.freeMiB),
    availableMiB: sum(of => of.availableMiB),
    hugepages: new Map(sizes.map(size => [size, pages(size)])),
  };
}

/** CPUs of a package in so many parts, in order, LLC domains whole where there are enough of them; else cores whole. */
function divide(cpus: CpuSet, topology: HostTopology, count: number): readonly CpuSet[] {
  const within = <Part extends { readonly cpus: CpuSet }>(parts: readonly Part[]) =>
    parts.filter(part => part.cpus.isSubsetOf(cpus)).map(part => part.cpus);
  const llcs = within(topology.llcs);
  const pieces = llcs.length >= count ? llcs : within(topology.cores);
  return Array.from({ length: count }, (_, part) =>
    unionOf(pieces.filter((_piece, index) => Math.floor((index * count) / pieces.length) === part)),
  ).filter(part => !part.isEmpty);
}

/** One more package like the last, its memory empty; new CPUs and nodes are numbered behind the present ones. */
function addSocket(inventory: Inventory): Inventory {
  const { topology } = inventory;
  const last = topology.packages.at(-1);
  if (!last) return inventory;
  const cpuShift = Math.max(...topology.present.ids) + 1;
  const nodeShift = Math.max(...topology.nodes.map(node => node.id)) + 1;
  const shifted = (cpus: CpuSet) => cpuSet(cpus.ids.map(cpu => cpu + cpuShift));
  const isCopied = ({ cpus }: { readonly cpus: CpuSet }) => !cpus.isEmpty && cpus.isSubsetOf(last.cpus);
  const copied = topology.nodes.filter(isCopied);
  const newId = (node: NumaNodeId) => numaNodeId(nodeShift + copied.findIndex(({ id }) => id === node));
  const nodes = copied.map((node): NumaNode => {
    const near = copied.map(other => [newId(other.id), node.distances.get(other.id) ?? LOCAL] as const);
    return {
      ...node,
      id: newId(node.id),
      cpus: shifted(node.cpus),
      distances: new Map([...farFrom(topology), ...near]),
    };
  });
  const present = topology.nodes.map(node => ({
    ...node,
    distances: new Map([...node.distances, ...nodes.map(other => [other.id, farthest(topology)] as const)]),
  }));
  return {
    ...inventory,
    topology: {
      ...topology,
      present: topology.present.union(shifted(last.cpus)),
      online: topology.online.union(shifted(last.cpus)),
      packages: [...topology.packages, { id: packageId(last.id + 1), cpus: shifted(last.cpus) }],
      llcs: [
        ...topology.llcs,
        ...topology.llcs
          .filter(isCopied)
          .map((llc): LlcDomain => ({ ...llc, id: llcId(llc.id + cpuShift), cpus: shifted(llc.cpus) })),
      ],
      cores: [
        ...topology.cores,
        ...topology.cores.filter(isCopied).map(core => ({
          ...core,
          id: coreId(core.id + cpuShift),
          cpus: shifted(core.cpus),
          package: packageId(last.id + 1),
          llc: core.llc === null ? null : llcId(core.llc + cpuShift),
          node: core.node === null ? null : newId(core.node),
        })),
      ],
      nodes: [...present, ...nodes],
    },
    memory: [
      ...inventory.memory,
      ...inventory.memory
        .filter(({ node }) => copied.some(({ id }) => id === node))
        .map(of => ({ ...of, node: newId(of.node), freeMiB: of.totalMiB, availableMiB: of.totalMiB })),
    ],
  };
}

/** The longest way that there is between two nodes now. */
function farthest(topology: HostTopology): number {
  const known = topology.nodes.flatMap(node => [...node.distances.values()]).filter(distance => distance > LOCAL);
  return known.length === 0 ? FAR : Math.max(...known);
}

const farFrom = (topology: HostTopology): (readonly [NumaNodeId, number])[] =>
  topology.nodes.map(node => [node.id, farthest(topology)] as const);
