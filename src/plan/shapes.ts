// Every way in which one guest can stand on the host as it is in the middle of the search, the best first.
import type { CoreKind, HostTopology } from '#domain/host-topology.ts';
import type { CpuId, NumaNodeId } from '#domain/ids.ts';
import { coresInUse, fits, room, take, UNUSED, type Usage } from './capacity.ts';
import type { CoreGroup, CoreModel } from './core-groups.ts';
import type { Demand } from './demand.ts';
import { distanceToDevices } from './device-distance.ts';
import { poolKey, splitMemory, takeMemory } from './guest-memory.ts';
import { type LeanClaim, spreadMemory } from './lean-memory.ts';
import { leanShapes } from './lean-shapes.ts';
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

export function shapesOf(demand: Demand, host: HostModel, left: Room, isHopeless: IsHopeless): Generator<Shape> {
  return demand.class === 'dedicated'
    ? dedicatedShapes(demand, host, left, isHopeless)
    : confinedShapes(demand, host, left);
}

const KINDS: readonly CoreKind[] = ['performance', 'uniform', 'efficiency'];

/**
 * 1. For every set of nodes, nearest first, and every kind of core,
 * 2. for every number of core groups, fewest first, and every choice of that many groups that touches each node,
 * 3. for every split of the vCPUs over those groups, most even first, and every group for emulator cores if it has some:
 *    a shape, if cores and memory are there. Choices that differ only in which of several equal groups they take come once.
 */
function* dedicatedShapes(demand: Demand, host: HostModel, left: Room, isHopeless: IsHopeless): Generator<Shape> {
  const all = usableGroups(host, demand, left);
  const kinds = KINDS.filter(kind => all.some(entry => entry.group.kind === kind));
  for (const nodes of host.nodeSets.filter(set => set.every(node => mayUseNode(demand, node)))) {
    const within = distanceWithin(host.topology, nodes);
    const toDevices = distanceToDevices(demand, nodes, host.topology);
    if (isHopeless([nodes.length, within, toDevices, 0, 0, 0, 0, 0])) continue;
    for (const kind of kinds) {
      const usable = all.filter(({ group }) => group.kind === kind && nodes.includes(group.node));
      if (sumRoom(usable) < demand.vcpus) continue;
      for (let count = nodes.length; count <= Math.min(usable.length, demand.vcpus); count++) {
        const llcs = Math.ceil(count / host.mostGroupsPerCell);
        if (isHopeless([nodes.length, within, toDevices, llcs, 0, 0, 0, 0])) break;
        for (const chosen of choicesOf(usable, { count, vcpus: demand.vcpus })) {
          if (isHopeless([nodes.length, within, toDevices, llcs, 0, 0, 0, 0])) break;
          if (!nodes.every(node => chosen.some(entry => entry.group.node === node))) continue;
          const cells = new Set(chosen.map(({ group }) => group.cell)).size;
          if (isHopeless([nodes.length, within, toDevices, cells, 0, 0, 0, 0])) continue;
          for (const split of splits(
            demand,
            chosen.map(entry => entry.room),
          )) {
            const parts = chosen.map((entry, index) => ({ group: entry.group, vcpus: split[index] ?? 0 }));
            for (const emulator of emulatorGroups(demand, parts)) {
              const shape = makeDedicatedShape(demand, host, { nodes, parts, emulator });
              if (hasRoom(shape, demand, left)) yield shape;
              for (const lean of leanShapes(shape, demand, host)) {
                if (!isHopeless(lean.cost) && hasRoom(lean, demand, left)) yield lean;
              }
            }
          }
        }
      }
    }
  }
}

/** So many groups with room for so many vCPUs, in lexicographic order; equal ones from the first. */
function* choicesOf(
  usable: readonly Usable[],
  { count, vcpus }: { count: number; vcpus: number },
  chosen: readonly Usable[] = [],
  from = 0,
): Generator<readonly Usable[]> {
  if (count === 0) {
    if (vcpus <= 0) yield chosen;
    return;
  }
  const most = Math.max(0, ...usable.slice(from).map(({ room: each }) => each));
  if (count * most < vcpus) return;
  for (let next = from; next <= usable.length - count; next++) {
    const entry = usable[next];
    if (entry === undefined || (entry.twin !== null && !chosen.includes(entry.twin))) continue;
    yield* choicesOf(usable, { count: count - 1, vcpus: vcpus - entry.room }, [...chosen, entry], next + 1);
  }
}

const sumRoom = (entries: readonly Usable[]): number => entries.reduce((sum, entry) => sum + entry.room, 0);

interface Usable {
  readonly group: CoreGroup;
  readonly room: number;
  /** The nearest earlier entry that is the same in every respect; taking this one without that is the mirror image of another choice. */
  readonly twin: Usable | null;
}

function usableGroups(host: HostModel, demand: Demand, left: Room): readonly Usable[] {
  const states = host.groups.map(group => {
    const { whole, odd } = left.usage[group.index] ?? UNUSED;
    return [group.kind, group.threads, group.openThreads, group.cores.length, whole, odd, host.held[group.index]].join(
      ' ',
    );
  });
  const latest = new Map<string, Usable>();
  return host.groups.flatMap(group => {
    const vcpus = room(group, left.usage[group.index] ?? UNUSED, demand.smt);
    if (vcpus === 0 || !mayUseCell(demand, group.cell, host)) return [];
    const cell = host.groupsOfCell[group.cell] ?? [];
    const signature = [
      group.node,
      host.cells[group.cell]?.cpus.size,
      host.cells[group.cell]?.isLarge,
      states[group.index],
      ...cell.map(other => states[other.index]),
    ].join('/');
    const entry = { group, room: vcpus, twin: latest.get(signature) ?? null };
    latest.set(signature, entry);
    return [entry];
  });
}

/** All ways to give each part at least one vCPU and at most its room, most even first. With `pairs` at most one part is odd: a pair is never torn. */
function* splits(demand: Demand, rooms: readonly number[]): Generator<number[]> {
  const last = rooms.length - 1;
  const later = rooms.map((_, index) => rooms.slice(index + 1).reduce((sum, room) => sum + room, 0));
  const oddParts = demand.smt === 'pairs' ? demand.vcpus % 2 : rooms.length;
  function* fill(index: number, remaining: number, oddLeft: number): Generator<number[]> {
    const fair = remaining / (rooms.length - index);
    const least = Math.max(1, remaining - (later[index] ?? 0));
    const most = Math.min(rooms[index] ?? 0, remaining - (last - index));
    const values: number[] = [];
    for (let value = least; value <= most; value++) values.push(value);
    values.sort((a, b) => Math.abs(a - fair) - Math.abs(b - fair) || a - b);
    for (const value of values) {
      if (value % 2 > oddLeft) continue;
      if (index === last) yield [value];
      else for (const rest of fill(index + 1, remaining - value, oddLeft - (value % 2))) yield [value, ...rest];
    }
  }
  yield* fill(0, demand.vcpus, oddParts);
}

/** Emulator cores stand in one of the guest's groups, rather in one with many of its vCPUs. */
function emulatorGroups({ emulatorCores }: Demand, parts: Shape['parts']): ReadonlyArray<CoreGroup | null> {
  if (emulatorCores === 0) return [null];
  return [...parts].sort((a, b) => b.vcpus - a.vcpus).map(({ group }) => group);
}

export function makeDedicatedShape(
  demand: Demand,
  host: HostModel,
  { nodes, parts, emulator }: Pick<Shape, 'nodes' | 'parts' | 'emulator'>,
): Shape {
  const vcpusByNode = nodes.map(node => [node, sumVcpus(parts.filter(part => part.group.node === node))] as const);
  const { memoryMiB, farther } = splitMemory(demand, host.topology, vcpusByNode);
  const efficiency = parts.filter(part => part.group.kind === 'efficiency').length > 0 ? demand.vcpus : 0;
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

const sumVcpus = (parts: Shape['parts']): number => parts.reduce((sum, part) => sum + part.vcpus, 0);

/** Memory that the guest holds now on nodes that it would leave: it stays far away until the guest is next started. */
function memoryElsewhereGiB(demand: Demand, memoryMiB: ReadonlyMap<NumaNodeId, number>): number {
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
export function memoryAfter(shape: Shape, demand: Demand, left: Room): Pick<Room, 'memoryMiB' | 'poolMiB'> {
  const memoryMiB = new Map(left.memoryMiB);
  const poolMiB = new Map(left.poolMiB);
  for (const [node, needed] of shape.memoryMiB) {
    const { fromPool, fromFree } = takeMemory(needed, node, demand, left);
    const key = poolKey(node, demand.pageMiB);
    if (fromPool > 0) poolMiB.set(key, (poolMiB.get(key) ?? 0) - fromPool);
    const there = memoryMiB.get(node);
    if (there !== undefined) memoryMiB.set(node, there - fromFree);
  }
  return { memoryMiB, poolMiB };
}

/** The usage of the groups that a dedicated guest touches. */
export function usageAfter(shape: Shape, demand: Demand, usage: readonly Usage[]): Map<CoreGroup, Usage> {
  return new Map(
    shape.parts.map(part => {
      const extraCores = part.group === shape.emulator ? demand.emulatorCores : 0;
      const before = usage[part.group.index] ?? UNUSED;
      return [part.group, take(part.group, before, { vcpus: part.vcpus, smt: demand.smt, extraCores })];
    }),
  );
}

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

/** One LLC domain, or one whole node, with at least as many CPUs as the guest has vCPUs. */
export function* confinedShapes(demand: Demand, host: HostModel, left: Room): Generator<Shape> {
  const cellsOf = (node: NumaNodeId) => host.cells.filter(cell => cell.node === node).map(cell => cell.index);
  const singleNodes = host.nodeSets.flatMap(([node, ...more]) => (node === undefined || more.length > 0 ? [] : [node]));
  const domains =
    demand.span === 'llc'
      ? host.cells.map(cell => ({ node: cell.node, cells: [cell.index] }))
      : singleNodes.map(node => ({ node, cells: cellsOf(node) }));
  for (const { node, cells } of domains) {
    const shape = makeConfinedShape(demand, host, { node, cells });
    if (!mayTake(shape, demand, host)) continue;
    if (hasRoom(shape, demand, left) && hasCpus(shape, demand, host, left.usage)) yield shape;
  }
}

export function makeConfinedShape(
  demand: Demand,
  host: HostModel,
  { node, cells }: { node: NumaNodeId; cells: readonly number[] },
): Shape {
  const { topology } = host;
  const nodes = [node];
  const { memoryMiB, farther } = splitMemory(demand, topology, [[node, demand.vcpus]]);
  // It runs anywhere in its cells: one small cache among them, and none of its vCPUs is sure of a large one.
  const isOutside = host.cells.some(cell => cell.isLarge) && !cells.every(cell => host.cells[cell]?.isLarge);
  const smallCache = demand.wantsLargeCache && isOutside ? demand.vcpus : 0;
  const toDevices = distanceToDevices(demand, nodes, topology);
  const elsewhere = memoryElsewhereGiB(demand, memoryMiB);
  return {
    parts: [],
    emulator: null,
    cells,
    nodes,
    memoryMiB,
    lean: null,
    cost: [1, farther, toDevices, cells.length, smallCache, 0, 0, elsewhere],
  };
}

/** A confined guest needs as many CPUs in its domain as it has vCPUs: with fewer it would wait for itself. */
export function hasCpus(shape: Shape, demand: Demand, host: HostModel, usage: readonly Usage[]): boolean {
  const free = shape.cells.reduce((sum, cell) => sum + freeCpus(host, cell, usage), 0);
  return free >= Math.max(1, demand.vcpus);
}

/** CPUs of a cell that are not on cores in dedicated use. */
export function freeCpus(host: HostModel, cell: number, usage: readonly Usage[]): number {
  const all = host.cells[cell]?.cpus.size ?? 0;
  return (host.groupsOfCell[cell] ?? []).reduce(
    (sum, group) => sum - coresInUse(group, usage[group.index] ?? UNUSED) * group.openThreads,
    all,
  );
}
