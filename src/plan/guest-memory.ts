// How a guest's memory lies over nodes, and from what it is taken.
import { distancesFrom, type HostTopology, nodeDistance } from '#domain/host-topology.ts';
import type { NumaNodeId } from '#domain/ids.ts';
import type { Demand } from './demand.ts';
import type { Room } from './shapes.ts';

export const poolKey = (node: NumaNodeId, pageMiB: number): string => `${node}/${pageMiB}`;

/** What so many of its vCPUs have of a guest's memory when it lies in proportion, in whole pages. */
export const fairShare = (
  { memoryMiB, vcpus, pageMiB }: Pick<Demand, 'memoryMiB' | 'vcpus' | 'pageMiB'>,
  count: number,
): number => Math.floor((memoryMiB * count) / vcpus / pageMiB) * pageMiB;

/** Memory in proportion to vCPUs, in whole pages, the remainder on the last node; `farther` is what memory on another node than the vCPUs costs. */
export function splitMemory(
  demand: Pick<Demand, 'memoryMiB' | 'vcpus' | 'pageMiB'>,
  topology: HostTopology,
  vcpusByNode: ReadonlyArray<readonly [NumaNodeId, number]>,
): { memoryMiB: Map<NumaNodeId, number>; farther: number } {
  const memoryMiB = new Map<NumaNodeId, number>();
  let given = 0;
  let farther = 0;
  for (const [index, [node, vcpus]] of vcpusByNode.entries()) {
    const part = index === vcpusByNode.length - 1 ? demand.memoryMiB - given : fairShare(demand, vcpus);
    const home = memoryHome(topology, node);
    given += part;
    if (home !== node) farther += nodeDistance(topology, node, home) - nodeDistance(topology, node, node);
    memoryMiB.set(home, (memoryMiB.get(home) ?? 0) + part);
  }
  return { memoryMiB, farther };
}

/** The node itself if it has memory, else the nearest that has. */
export function memoryHome(topology: HostTopology, node: NumaNodeId): NumaNodeId {
  let home = node;
  let least = Number.POSITIVE_INFINITY;
  const distanceTo = distancesFrom(topology, node);
  for (const { id, memoryMiB } of topology.nodes) {
    const distance = distanceTo(id);
    if (memoryMiB === 0 || distance > least || (distance === least && id > home)) continue;
    home = id;
    least = distance;
  }
  return home;
}

/** What it needs beyond what it has there for good. */
export const neededMiB = (
  mib: number,
  node: NumaNodeId,
  { pinsPages, residentMiB }: Pick<Demand, 'pinsPages' | 'residentMiB'>,
): number => (pinsPages ? Math.max(0, mib - (residentMiB.get(node) ?? 0)) : mib);

/** Hugepages come from their pool first, whole pages at a time. */
export function takeMemory(
  mib: number,
  node: NumaNodeId,
  demand: Demand,
  left: Pick<Room, 'poolMiB'>,
): { fromPool: number; fromFree: number } {
  const { pageMiB } = demand;
  const needed = neededMiB(mib, node, demand);
  if (pageMiB === 1) return { fromPool: 0, fromFree: needed };
  const fromPool = Math.min(needed, left.poolMiB.get(poolKey(node, pageMiB)) ?? 0);
  return { fromPool, fromFree: needed - fromPool };
}
