// Where the memory of a VM lies that nobody binds: on the nodes of its CPUs, and what has no room there as near as there is any.
import { nodeDistance } from '#domain/host-topology.ts';
import type { CpuId, NumaNodeId } from '#domain/ids.ts';
import type { HostState } from './placement-algorithm.ts';

/** MiB by node, in proportion to the CPUs on each; null when the host has too little left. */
export function localMemory(
  memoryMiB: number,
  cpus: readonly CpuId[],
  { topology, freeMiB }: HostState,
): ReadonlyMap<NumaNodeId, number> | null {
  const cpusOn = new Map(topology.nodes.map(node => [node.id, cpus.filter(cpu => node.cpus.has(cpu)).length]));
  const near = [...cpusOn].filter(([, count]) => count > 0).map(([id]) => id);
  const distance = (id: NumaNodeId): number => Math.min(...near.map(from => nodeDistance(topology, from, id)));
  const left = new Map(freeMiB);
  const taken = new Map<NumaNodeId, number>();
  const take = (id: NumaNodeId, wanted: number): number => {
    const got = Math.max(0, Math.min(wanted, left.get(id) ?? 0));
    if (got === 0) return 0;
    left.set(id, (left.get(id) ?? 0) - got);
    taken.set(id, (taken.get(id) ?? 0) + got);
    return got;
  };
  let rest = memoryMiB;
  for (const id of near) rest -= take(id, Math.floor((memoryMiB * (cpusOn.get(id) ?? 0)) / cpus.length));
  const byDistance = topology.nodes.map(node => node.id).toSorted((a, b) => distance(a) - distance(b) || a - b);
  for (const id of byDistance) rest -= take(id, rest);
  return rest > 0 ? null : taken;
}
