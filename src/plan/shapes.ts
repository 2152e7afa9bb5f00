// What a guest takes of the host where it stands: its cores, its memory, what that costs, and whether there is room.
import type { HostTopology } from '#domain/host-topology.ts';
import type { CpuId, NumaNodeId } from '#domain/ids.ts';
import { fits, type Taking, take, takingOf, UNUSED, type Usage } from './capacity.ts';
import type { CoreGroup, CoreModel } from './core-groups.ts';
import type { Demand } from './demand.ts';
import { distanceToDevices } from './device-distance.ts';
import { poolKey, splitMemory, takeMemory } from './guest-memory.ts';
import { type LeanClaim, spreadMemory } from './lean-memory.ts';
import { distanceWithin, type NodeSets } from './node-sets.ts';

export interface Shape {
  /** Dedicated: vCPUs per core group. Empty when confined. */
  readonly parts: ReadonlyArray<{ readonly group: CoreGroup; readonly vcpus: number }>;
  /** Where its emulator threads have cores of their own: one of its groups. Null when they have none. */
  readonly emulator: CoreGroup | null;
  /** Confined: the cache cells in which it runs. Empty when dedicated. */
  readonly cells: readonly number[];
  readonly nodes: readonly NumaNodeId[];
  /** MiB by the node whose memory is used: the node itself, or the nearest with memory. */
  readonly memoryMiB: ReadonlyMap<NumaNodeId, number>;
  /** Null: memory lies in proportion to vCPUs. Else what it may be on each node; how much it is, others decide too. */
  readonly lean: LeanClaim | null;
  /** The aims that add up over guests, in the order of AIMS. */
  readonly cost: AdditiveCost;
}

export type AdditiveCost = readonly [
  nodes: number,
  distance: number,
  deviceDistance: number,
  llcs: number,
  smallCache: number,
  efficiencyCores: number,
  imbalance: number,
  memoryElsewhere: number,
];

/** What is left at this point of the search. */
export interface Room {
  readonly usage: readonly Usage[];
  readonly memoryMiB: ReadonlyMap<NumaNodeId, number>;
  /** Free hugepages, by `poolKey`; what is missing Proxmox makes from free memory when the guest starts. */
  readonly poolMiB: ReadonlyMap<string, number>;
  /** Of guests that are placed, and not yet taken from the memory. */
  readonly lean: readonly LeanClaim[];
}

/** Proxmox takes host nodes of one digit only for guests with hugepages (qemu-server Memory.pm, `hugepages_topology`). */
const LAST_HUGEPAGE_NODE = 9;

export interface HostModel extends CoreModel, NodeSets {
  readonly topology: HostTopology;
  /** Free hugepages of the whole host, by `poolKey`. */
  readonly poolMiB: ReadonlyMap<string, number>;
  /** By cache cell. */
  readonly groupsOfCell: ReadonlyArray<readonly CoreGroup[]>;
  /** Core groups of one kind in one cache cell, at most. */
  readonly mostGroupsPerCell: number;
  /** The group of every CPU that may be dedicated. */
  readonly groupOfCpu: ReadonlyMap<CpuId, number>;
  /** By group: which guests are on it now. Groups that differ in this are not equal. */
  readonly held: readonly string[];
}

/** Tells, from the least that a whole family of shapes costs, that none of them can lead to a better arrangement. Asked of every family. */
export type IsHopeless = (cost: AdditiveCost) => boolean;

export function makeDedicatedShape(
  demand: Demand,
  host: HostModel,
  { nodes, parts, emulator }: Pick<Shape, 'nodes' | 'parts' | 'emulator'>,
): Shape {
  const vcpusByNode = nodes.map(node => [node, vcpusOn(node, parts)] as const);
  const { memoryMiB, farther } = splitMemory(demand, host.topology, vcpusByNode);
  const efficiency = parts.some(part => part.group.kind === 'efficiency') ? demand.vcpus : 0;
  const llcs = new Set(parts.map(part => part.group.cell)).size;
  const perNode = vcpusByNode.map(([, vcpus]) => vcpus);
  const imbalance = Math.max(...perNode) - Math.min(...perNode);
  const cost: AdditiveCost = [
    nodes.length,
    distanceWithin(host.topology, nodes) + farther,
    distanceToDevices(demand, nodes, host.topology),
    llcs,
    demand.wantsLargeCache ? outsideLargeCaches(parts, host) : 0,
    efficiency,
    imbalance,
    memoryElsewhereGiB(demand, memoryMiB),
  ];
  return { parts, emulator, cells: [], nodes, memoryMiB, lean: null, cost };
}

/** vCPUs outside large caches; on a host whose caches are alike this is the same for every shape, and costs nothing. */
function outsideLargeCaches(parts: Shape['parts'], { cells }: HostModel): number {
  if (!cells.some(cell => cell.isLarge)) return 0;
  return sumVcpus(parts.filter(({ group }) => !cells[group.cell]?.isLarge));
}

const vcpusOn = (node: NumaNodeId, parts: Shape['parts']): number =>
  parts.reduce((sum, part) => sum + (part.group.node === node ? part.vcpus : 0), 0);

const sumVcpus = (parts: Shape['parts']): number => parts.reduce((sum, part) => sum + part.vcpus, 0);

/** Memory that the guest holds now on nodes that it would leave: it stays far away until the guest is next started. */
export function memoryElsewhereGiB(demand: Demand, memoryMiB: ReadonlyMap<NumaNodeId, number>): number {
  let elsewhereMiB = 0;
  for (const [node, held] of demand.residentMiB) if (!memoryMiB.has(node)) elsewhereMiB += held;
  return Math.round(elsewhereMiB / 1024);
}

export function hasRoom(shape: Shape, demand: Demand, left: Room): boolean {
  for (const [group, usage] of usageAfter(shape, demand, left.usage)) if (!fits(group, usage)) return false;
  if (shape.lean !== null) return spreadMemory([...left.lean, shape.lean], left.memoryMiB) !== null;
  for (const [node, needed] of shape.memoryMiB) {
    if (demand.pageMiB > 1 && node > LAST_HUGEPAGE_NODE) return false;
    const { fromFree } = takeMemory(needed, node, demand, left);
    if (fromFree > (left.memoryMiB.get(node) ?? Number.POSITIVE_INFINITY)) return false;
  }
  return left.lean.length === 0 || spreadMemory(left.lean, memoryAfter(shape, demand, left).memoryMiB) !== null;
}

/** What is left of the memory when the guest has taken its share on each node. */
function memoryAfter(shape: Shape, demand: Demand, left: Room): Pick<Room, 'memoryMiB' | 'poolMiB'> {
  const memoryMiB = new Map(left.memoryMiB);
  const poolMiB = new Map(left.poolMiB);
  takeFrom({ memoryMiB, poolMiB }, shape, demand);
  return { memoryMiB, poolMiB };
}

/** Memory that is being given out. */
export interface MemoryLeft {
  readonly memoryMiB: Map<NumaNodeId, number>;
  readonly poolMiB: Map<string, number>;
}

/** Takes the guest's share on each node from what is left. */
export function takeFrom(left: MemoryLeft, shape: Shape, demand: Demand): void {
  const { memoryMiB, poolMiB } = left;
  for (const [node, needed] of shape.memoryMiB) {
    const { fromPool, fromFree } = takeMemory(needed, node, demand, left);
    const key = poolKey(node, demand.pageMiB);
    if (fromPool > 0) poolMiB.set(key, (poolMiB.get(key) ?? 0) - fromPool);
    const there = memoryMiB.get(node);
    if (there !== undefined) memoryMiB.set(node, there - fromFree);
  }
}

/** What a dedicated guest takes of one of its groups. */
export const takingIn = (
  { group, vcpus }: Shape['parts'][number],
  { emulator }: Shape,
  { smt, emulatorCores }: Demand,
): Taking => takingOf(group, { vcpus, smt, extraCores: group === emulator ? emulatorCores : 0 });

/** The usage of the groups that a dedicated guest touches. */
export const usageAfter = (
  shape: Shape,
  demand: Demand,
  usage: readonly Usage[],
): ReadonlyArray<readonly [CoreGroup, Usage]> =>
  shape.parts.map(part => {
    const before = usage[part.group.index] ?? UNUSED;
    return [part.group, take(before, takingIn(part, shape, demand))];
  });

/** Whether a guest that is held somewhere may have this shape. */
export function mayTake(shape: Shape, demand: Demand, host: HostModel): boolean {
  const cells = [...shape.cells, ...shape.parts.map(part => part.group.cell)];
  return shape.nodes.every(node => mayUseNode(demand, node)) && cells.every(cell => mayUseCell(demand, cell, host));
}

export const mayUseNode = ({ allowedNodes }: Demand, node: NumaNodeId): boolean =>
  allowedNodes === null || allowedNodes.has(node);

export function mayUseCell({ allowedLlcs }: Demand, cell: number, host: HostModel): boolean {
  const llc = host.cells[cell]?.llc ?? null;
  return allowedLlcs === null || (llc !== null && allowedLlcs.has(llc));
}
