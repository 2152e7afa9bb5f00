// The proxmox-cpu-affinity service: round robin over the CPUs, each with those that answer it fastest.
import { type Core, type HostTopology, nodeDistance } from '#domain/host-topology.ts';
import { cpuSet } from '#domain/id-set.ts';
import type { CpuId } from '#domain/ids.ts';
import { maskedVm } from '../placed-vm.ts';
import type { PlacementAlgorithm } from '../placement-algorithm.ts';

/**
 * It knows nothing of what is taken. The round goes on by one with every VM, so that the first one begins at the second CPU;
 * we count the VMs that are there, which is the same as long as none leaves.
 */
export const proxmoxCpuAffinity: PlacementAlgorithm = {
  name: 'proxmox-cpu-affinity',
  label: 'proxmox-cpu-affinity',
  source: 'egandro/proxmox-cpu-affinity: round robin by measured latency; memory by first touch',
  place: (request, state) => {
    const cpus = state.usable.ids;
    const start = cpus[(state.placed.length + 1) % cpus.length];
    if (start === undefined) return null;
    const latency = latencyFrom(start, state.topology);
    const ranked = cpus.filter(cpu => cpu !== start).toSorted((a, b) => latency(a) - latency(b) || a - b);
    return maskedVm(request, state, cpuSet([start, ...ranked.slice(0, request.vcpus - 1)]));
  },
};

/** What it measures, without noise: a sibling answers first, then CPUs behind the same cache, then by distance of the nodes. */
function latencyFrom(start: CpuId, topology: HostTopology): (cpu: CpuId) => number {
  const coreOf = (cpu: CpuId): Core | undefined => topology.cores.find(core => core.cpus.has(cpu));
  const from = coreOf(start);
  const latencies = new Map(
    topology.cores.flatMap(core => core.cpus.ids.map(cpu => [cpu, latencyBetween(topology, from, core)] as const)),
  );
  return cpu => latencies.get(cpu) ?? 0;
}

function latencyBetween(topology: HostTopology, from: Core | undefined, to: Core): number {
  if (from === undefined || from.id === to.id) return 0;
  if (from.llc !== null && from.llc === to.llc) return 1;
  return from.node === null || to.node === null ? 2 : nodeDistance(topology, from.node, to.node);
}
