// What an arrangement costs, aim by aim, and which of two is better.
import type { NumaNodeId } from '#domain/ids.ts';
import { AIMS, type AimName } from '#domain/plan.ts';
import { coresInUse, sharedCores, UNUSED, type Usage } from './capacity.ts';
import { freeCpus } from './confined-shapes.ts';
import type { Demand } from './demand.ts';
import { leavingVcpus } from './moved-guests.ts';
import type { AdditiveCost, HostModel, Shape } from './shapes.ts';

export const NOTHING: AdditiveCost = [0, 0, 0, 0, 0, 0, 0, 0];

export const addCost = (a: AdditiveCost, b: AdditiveCost): AdditiveCost => [
  a[0] + b[0],
  a[1] + b[1],
  a[2] + b[2],
  a[3] + b[3],
  a[4] + b[4],
  a[5] + b[5],
  a[6] + b[6],
  a[7] + b[7],
];

export function addCosts(shapes: readonly Shape[], rest: AdditiveCost | undefined): AdditiveCost {
  const sum: [...AdditiveCost] = [...(rest ?? NOTHING)];
  for (const { cost } of shapes)
    for (let aim = 0; aim < sum.length; aim++) sum[aim] = (sum[aim] ?? 0) + (cost[aim] ?? 0);
  return sum;
}

/** Lexicographic, over the aims that `a` has: with the first aims alone, an equal beginning may still win by its later aims. */
export function compareValues(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) if (value !== b[index]) return value - (b[index] ?? 0);
  return 0;
}

/** One value per aim, in the order of AIMS; `rest` is what the guests that are not placed yet cost at least. */
export function valuesOf({
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
    moves: shapes.reduce((sum, shape, index) => sum + movingVcpus(demands[index], shape, host), 0),
  };
  return AIMS.map(aim => values[aim]);
}

export const costsByName = ([
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

/** Steps of load, in quarters of a vCPU per CPU; a domain costs what it has beyond each. */
export const LOAD_STEPS = [1, 2, 3, 4, 6, 8, 12, 16] as const;

/** What so many vCPUs of confined guests have beyond each step on so many CPUs, in quarters of a vCPU. */
export const crowding = (vcpus: number, cpus: number): number =>
  LOAD_STEPS.reduce<number>((sum, step) => sum + Math.max(0, 4 * vcpus - step * cpus), 0);

/**
 * Crowding of confined guests, for every node, and for every cache that guests are confined to: their vCPUs beyond a quarter of
 * the CPUs left there, beyond a half, and so on, in quarters. An even spread costs least; sums of such terms are linear.
 */
function pressure(
  demands: readonly Demand[],
  shapes: readonly Shape[],
  host: HostModel,
  usage: readonly Usage[],
): number {
  if (shapes.every(shape => shape.cells.length === 0)) return 0;
  const ofNode = new Map<NumaNodeId, number>();
  const ofCell = new Map<number, number>();
  for (const [index, { nodes, cells }] of shapes.entries()) {
    const [node] = nodes;
    const [cell] = cells;
    const demand = demands[index];
    if (node === undefined || cell === undefined || demand === undefined) continue;
    ofNode.set(node, (ofNode.get(node) ?? 0) + demand.vcpus);
    if (demand.span === 'llc') ofCell.set(cell, (ofCell.get(cell) ?? 0) + demand.vcpus);
  }
  const free = host.cells.map(cell => freeCpus(host, cell.index, usage));
  const freeOf = (node: NumaNodeId) =>
    host.cells.reduce((sum, cell) => sum + (cell.node === node ? (free[cell.index] ?? 0) : 0), 0);
  return (
    [...ofNode].reduce((sum, [node, vcpus]) => sum + crowding(vcpus, freeOf(node)), 0) +
    [...ofCell].reduce((sum, [cell, vcpus]) => sum + crowding(vcpus, free[cell] ?? 0), 0)
  );
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
export function movingVcpus(demand: Demand | undefined, shape: Shape, host: HostModel): number {
  if (!demand) return 0;
  if (demand.class === 'dedicated') return leavingVcpus(demand, shape, host);
  return [...demand.presentNodes].every(node => shape.nodes.includes(node)) ? 0 : demand.vcpus;
}
