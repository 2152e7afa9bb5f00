// What a move away from costs: a NUMA node, or on a host with one of them a last-level cache.
import type { HostTopology } from '#domain/host-topology.ts';
import type { CpuId, NumaNodeId } from '#domain/ids.ts';

/** A number for the place that a CPU is in; the same for all CPUs where nothing tells them apart. */
export type Places = (cpu: CpuId) => number;

export function makePlaces(topology: HostTopology): Places {
  const hasNodes = topology.nodes.filter(({ cpus }) => !cpus.isEmpty).length > 1;
  const areas = hasNodes ? topology.nodes : topology.llcs;
  const places = new Map<CpuId, number>(areas.flatMap(({ id, cpus }) => cpus.ids.map(cpu => [cpu, id] as const)));
  return cpu => places.get(cpu) ?? 0;
}

/** Null for a CPU that was not online when the topology was read. */
export function makeNodeOf(topology: HostTopology): (cpu: CpuId) => NumaNodeId | null {
  const nodes = new Map<CpuId, NumaNodeId>(
    topology.nodes.flatMap(({ id, cpus }) => cpus.ids.map(cpu => [cpu, id] as const)),
  );
  return cpu => nodes.get(cpu) ?? null;
}
