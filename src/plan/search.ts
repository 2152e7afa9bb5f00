// Puts all guests on the host together: depth-first over guests, best shapes first, cutting off what cannot beat the best found so far.
import { AIMS, type AimName, type AimValue, type Proof } from '#domain/plan.ts';
import { coresInUse, room, sharedCores, UNUSED, type Usage } from './capacity.ts';
import type { Demand } from './demand.ts';
import { poolKey, takeMemory } from './guest-memory.ts';
import { isMoved, leavingVcpus } from './moved-guests.ts';
import { distanceWithin } from './node-sets.ts';
import {
  type AdditiveCost,
  freeCpus,
  type HostModel,
  hasCpus,
  hasRoom,
  mayTake,
  type Room,
  type Shape,
  shapesOf,
  usageAfter,
} from './shapes.ts';

export interface Arrangement {
  /** One shape per demand, in the order of the demands. */
  readonly shapes: readonly Shape[];
  readonly usage: readonly Usage[];
  readonly aims: readonly AimValue[];
  readonly proof: Proof;
}

export type SearchResult =
  | { readonly kind: 'found'; readonly arrangement: Arrangement }
  /** `proved` is false when the work budget ended first. */
  | { readonly kind: 'none'; readonly proved: boolean };

export interface SearchInput {
  readonly demands: readonly Demand[];
  readonly host: HostModel;
  readonly memoryMiB: Room['memoryMiB'];
  /** Shapes to look at: work, never time. */
  readonly budget: number;
  /** An arrangement to beat; null when there is none. It need not fit. */
  readonly seed: readonly Shape[] | null;
  /** Guests that may be moved, at most (see `isMoved`); null: all. */
  readonly mostMoves: number | null;
}

/** The best arrangement of all demands in the lexicographic order of AIMS; the seed, unless something is truly better. */
export function searchArrangement(input: SearchInput): SearchResult {
  const { demands, host, memoryMiB, budget, seed } = input;
  const mostMoves = input.mostMoves ?? demands.length;
  const empty: Room = { usage: host.groups.map(() => UNUSED), memoryMiB, poolMiB: host.poolMiB };
  const bounds = lowerBounds(demands, host, empty);
  if (bounds === null) return { kind: 'none', proved: true };
  let best = seed && settle(seed, { ...input, mostMoves }, empty);
  let work = 0;

  const place = (index: number, shapes: readonly Shape[], left: Room, moved = 0): void => {
    const demand = demands[index];
    const values = valuesOf({ demands, shapes, host, usage: left.usage, rest: bounds[index] ?? NOTHING });
    // With guests still to come these are lower bounds: no aim gets better when more guests are placed.
    if (best !== null && compare(values, best.values) >= 0) return;
    if (!demand) {
      best = { shapes, usage: left.usage, values };
      return;
    }
    if (leastCores(demands.slice(index), host) > freeCores(host, left.usage)) return;
    const soFar = addCosts(shapes, bounds[index + 1]);
    const isHopeless = (cost: AdditiveCost) => best !== null && compare(add(soFar, cost), best.values) > 0;
    for (const shape of shapesOf(demand, host, left, isHopeless)) {
      if (++work > budget) return;
      const movedThen = moved + (isMoved(demand, shape, host) ? 1 : 0);
      if (movedThen <= mostMoves && !isHopeless(shape.cost)) {
        place(index + 1, [...shapes, shape], roomAfter(shape, demand, left), movedThen);
      }
      if (best !== null && compare(values, best.values) >= 0) return;
    }
  };
  place(0, [], empty);

  const isComplete = work <= budget && host.nodeSetsComplete;
  if (best === null) return { kind: 'none', proved: isComplete };
  const { shapes, usage, values } = best as Settled;
  const aims = AIMS.map((aim, index) => ({ aim, value: values[index] ?? 0 }));
  const proof: Proof = isComplete
    ? { kind: 'optimal' }
    : { kind: 'unproved', firstUnproved: firstUnproved(values, bounds[0]) };
  return { kind: 'found', arrangement: { shapes, usage, aims, proof } };
}

/** Cores that dedicated guests need at least, wherever they go. */
function leastCores(demands: readonly Demand[], host: HostModel): number {
  const threads = Math.max(1, ...host.groups.map(group => group.threads));
  return demands
    .filter(demand => demand.class === 'dedicated')
    .reduce(
      (sum, { smt, vcpus, emulatorCores }) => sum + emulatorCores + (smt === 'isolate' ? vcpus : vcpus / threads),
      0,
    );
}

/** Cores that are not wholly in use; a shared one counts as half free. */
const freeCores = (host: HostModel, usage: readonly Usage[]): number =>
  host.groups.reduce((sum, group) => {
    const { whole, odd } = usage[group.index] ?? UNUSED;
    return sum + group.cores.length - whole - odd / group.threads;
  }, 0);

interface Settled {
  readonly shapes: readonly Shape[];
  readonly usage: readonly Usage[];
  readonly values: readonly number[];
}

/** A given arrangement with its values; null when it does not fit. */
function settle(
  shapes: readonly Shape[],
  { demands, host, mostMoves }: SearchInput & { readonly mostMoves: number },
  empty: Room,
): Settled | null {
  let left = empty;
  let moved = 0;
  for (const [index, demand] of demands.entries()) {
    const shape = shapes[index];
    if (!shape || !mayTake(shape, demand, host) || !hasRoom(shape, demand, left)) return null;
    if (isMoved(demand, shape, host) && ++moved > mostMoves) return null;
    if (demand.class === 'confined' && !hasCpus(shape, demand, host, left.usage)) return null;
    left = roomAfter(shape, demand, left);
  }
  return { shapes, usage: left.usage, values: valuesOf({ demands, shapes, host, usage: left.usage, rest: NOTHING }) };
}

/** `bounds[i]`: what demands i, i+1, … cost at least, each alone on the empty host; null when one does not even fit alone. */
function lowerBounds(demands: readonly Demand[], host: HostModel, empty: Room): AdditiveCost[] | null {
  const bounds: AdditiveCost[] = [NOTHING];
  for (const demand of [...demands].reverse()) {
    const alone = cheapestAlone(demand, host, empty);
    if (alone === null) return null;
    bounds.unshift(add(alone, bounds[0] ?? NOTHING));
  }
  return bounds;
}

/**
 * The least that a guest costs, lexicographically: the nodes of the first shape and the distance within them, and as many
 * LLC domains as the roomiest core groups need. Sums of such bounds are bounds of sums.
 */
function cheapestAlone(demand: Demand, host: HostModel, empty: Room): AdditiveCost | null {
  const first = shapesOf(demand, host, empty, () => false).next();
  if (first.done) return null;
  const { nodes, cells } = first.value;
  if (demand.class === 'confined') return [1, 0, 0, demand.span === 'llc' ? 1 : fewestCells(host), 0, 0, 0, 0];
  const rooms = host.groups.map(group => room(group, UNUSED, demand.smt)).sort((a, b) => b - a);
  let groups = 0;
  for (let vcpus = demand.vcpus; vcpus > 0 && groups < rooms.length; groups++) vcpus -= rooms[groups] ?? 0;
  const llcs = Math.max(cells.length, Math.ceil(groups / host.mostGroupsPerCell));
  return [nodes.length, distanceWithin(host.topology, nodes), 0, llcs, 0, 0, 0, 0];
}

/** A guest confined to a node runs on all its cells. */
function fewestCells(host: HostModel): number {
  const perNode = new Map<number, number>();
  for (const { node } of host.cells) perNode.set(node, (perNode.get(node) ?? 0) + 1);
  return Math.min(...perNode.values());
}

const add = (a: AdditiveCost, b: AdditiveCost): AdditiveCost => [
  a[0] + b[0],
  a[1] + b[1],
  a[2] + b[2],
  a[3] + b[3],
  a[4] + b[4],
  a[5] + b[5],
  a[6] + b[6],
  a[7] + b[7],
];

const NOTHING: AdditiveCost = [0, 0, 0, 0, 0, 0, 0, 0];

function addCosts(shapes: readonly Shape[], rest: AdditiveCost | undefined): AdditiveCost {
  return shapes.reduce<AdditiveCost>((sum, shape) => add(sum, shape.cost), rest ?? NOTHING);
}

/** Lexicographic, over the aims that `a` has: with the first aims alone, an equal beginning may still win by its later aims. */
function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) if (value !== b[index]) return value - (b[index] ?? 0);
  return 0;
}

function roomAfter(shape: Shape, demand: Demand, left: Room): Room {
  const usage = [...left.usage];
  for (const [group, after] of usageAfter(shape, demand, left.usage)) usage[group.index] = after;
  const memoryMiB = new Map(left.memoryMiB);
  const poolMiB = new Map(left.poolMiB);
  for (const [node, needed] of shape.memoryMiB) {
    const { fromPool, fromFree } = takeMemory(needed, node, demand, left);
    const key = poolKey(node, demand.pageMiB);
    if (fromPool > 0) poolMiB.set(key, (poolMiB.get(key) ?? 0) - fromPool);
    const there = memoryMiB.get(node);
    if (there !== undefined) memoryMiB.set(node, there - fromFree);
  }
  return { usage, memoryMiB, poolMiB };
}

/** One value per aim, in the order of AIMS; `rest` is what the guests that are not placed yet cost at least. */
function valuesOf({
  demands,
  shapes,
  host,
  usage,
  rest,
}: {
  demands: readonly Demand[];
  shapes: readonly Shape[];
  host: HostModel;
  usage: readonly Usage[];
  rest: AdditiveCost;
}): readonly number[] {
  const values: Record<AimName, number> = {
    ...costsByName(addCosts(shapes, rest)),
    sharedCores: host.groups.reduce((sum, group) => sum + sharedCores(group, usage[group.index] ?? UNUSED), 0),
    pressure: pressure(demands, shapes, host, usage),
    nodeFragmentation: fragmentation(host, usage, 'node'),
    llcFragmentation: fragmentation(host, usage, 'cell'),
    moves: shapes.reduce((sum, shape, index) => sum + moves(demands[index], shape, host), 0),
  };
  return AIMS.map(aim => values[aim]);
}

const costsByName = ([
  nodes,
  distance,
  deviceDistance,
  llcs,
  smallCache,
  efficiencyCores,
  imbalance,
  memoryElsewhere,
]: AdditiveCost) => ({
  nodes,
  distance,
  deviceDistance,
  llcs,
  smallCache,
  efficiencyCores,
  imbalance,
  memoryElsewhere,
});

/** Confined vCPUs per CPU, squared and summed over CPUs, in thousandths: crowds cost more than an even spread. */
function pressure(
  demands: readonly Demand[],
  shapes: readonly Shape[],
  host: HostModel,
  usage: readonly Usage[],
): number {
  const load = host.cells.map(() => 0);
  if (shapes.every(shape => shape.cells.length === 0)) return 0;
  for (const [index, shape] of shapes.entries()) {
    const available = shape.cells.reduce((sum, cell) => sum + freeCpus(host, cell, usage), 0);
    for (const cell of shape.cells) load[cell] = (load[cell] ?? 0) + (demands[index]?.vcpus ?? 0) / available;
  }
  return Math.round(1000 * load.reduce((sum, perCpu, cell) => sum + perCpu ** 2 * freeCpus(host, cell, usage), 0));
}

/** How much smaller, in cores, the largest dedicated guest has become that still fits into one node or cell. */
function fragmentation(host: HostModel, usage: readonly Usage[], unit: 'node' | 'cell'): number {
  const all = new Map<number, number>();
  const free = new Map<number, number>();
  for (const group of host.groups) {
    const inUse = coresInUse(group, usage[group.index] ?? UNUSED);
    all.set(group[unit], (all.get(group[unit]) ?? 0) + group.cores.length);
    free.set(group[unit], (free.get(group[unit]) ?? 0) + group.cores.length - inUse);
  }
  return Math.max(0, ...all.values()) - Math.max(0, ...free.values());
}

/** vCPUs that leave their core group, or a confined guest its nodes. */
function moves(demand: Demand | undefined, shape: Shape, host: HostModel): number {
  if (!demand) return 0;
  if (demand.class === 'dedicated') return leavingVcpus(demand, shape, host);
  return [...demand.presentNodes].every(node => shape.nodes.includes(node)) ? 0 : demand.vcpus;
}

/** The first aim in which the result is above its lower bound, or that has no bound of its own. */
function firstUnproved(values: readonly number[], bound: AdditiveCost | undefined): AimName {
  const open = AIMS.find((_, index) => bound === undefined || values[index] !== bound[index]);
  return open ?? 'moves';
}
