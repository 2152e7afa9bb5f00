// Ways in which a confined guest can stand: in one cache or one node, on CPUs that it shares.
import type { NumaNodeId } from '#domain/ids.ts';
import { coresInUse, UNUSED, type Usage } from './capacity.ts';
import type { Demand } from './demand.ts';
import { distanceToDevices } from './device-distance.ts';
import { splitMemory } from './guest-memory.ts';
import { type HostModel, hasRoom, mayTake, memoryElsewhereGiB, type Room, type Shape } from './shapes.ts';

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
