// Which part of a guest's memory is far from where its vCPUs ran.
import type { MemoryMeasure } from '#domain/diagnosis.ts';
import type { HostTopology } from '#domain/host-topology.ts';
import { nodeSet } from '#domain/id-set.ts';
import type { CpuId, NumaNodeId } from '#domain/ids.ts';
import type { GuestMemory } from '#domain/sampling.ts';
import { makeNodeOf } from './places.ts';
import { HOME_SHARE } from './thresholds.ts';

/**
 * Null when the vCPUs did not run. A guest whose vCPUs live on two nodes may well use the memory of both from near: remote is only
 * what lies where none of them lives. Nodes without CPUs are near to nobody, and somebody has chosen them.
 */
export function measureMemory(
  { source, residentMiB }: GuestMemory,
  runNsByCpu: ReadonlyMap<CpuId, number>,
  topology: HostTopology,
): MemoryMeasure | null {
  const nodeOf = makeNodeOf(topology);
  const runNs = new Map<NumaNodeId, number>();
  let totalNs = 0;
  for (const [cpu, ns] of runNsByCpu) {
    const node = nodeOf(cpu);
    if (node === null) continue;
    runNs.set(node, (runNs.get(node) ?? 0) + ns);
    totalNs += ns;
  }
  if (totalNs === 0) return null;
  const vcpuNodes = nodeSet([...runNs].filter(([, ns]) => ns >= totalNs * HOME_SHARE).map(([node]) => node));
  const withoutCpus = nodeSet(topology.nodes.filter(({ cpus }) => cpus.isEmpty).map(({ id }) => id));
  let remoteMiB = 0;
  let totalMiB = 0;
  for (const [node, mib] of residentMiB) {
    totalMiB += mib;
    if (!vcpuNodes.has(node) && !withoutCpus.has(node)) remoteMiB += mib;
  }
  return { source, residentMiB, vcpuNodes, remoteShare: totalMiB === 0 ? 0 : remoteMiB / totalMiB };
}
