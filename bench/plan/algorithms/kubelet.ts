// The kubelet's static CPU manager in its flavours, alone and under a Topology Manager with the static memory manager.

import type { NumaNode } from '#domain/host-topology.ts';
import { type CpuSet, nodeSet, unionOf } from '#domain/id-set.ts';
import { chooseVcpuCpus } from '../choose-vcpu-cpus.ts';
import { cpusToAskFor, freeCpus, threadsPerCore } from '../free-cpus.ts';
import { takeDistributed } from '../kubelet/take-distributed.ts';
import { type CpuDemand, takePacked } from '../kubelet/take-packed.ts';
import { alignNodes, isInMask, type Supply, type TopologyPolicy, widenNodes } from '../kubelet/topology-hints.ts';
import { pinnedVm, withMemoryOf } from '../placed-vm.ts';
import type { HostState, PlacedVm, PlacementAlgorithm, VmRequest } from '../placement-algorithm.ts';

const packed = (demand: CpuDemand): CpuSet | null => takePacked(demand);
const aligned = (demand: CpuDemand): CpuSet | null => takePacked(demand, { alignCaches: true });

export const kubeletPacked: PlacementAlgorithm = {
  name: 'kubelet-packed',
  label: 'kubelet, packed',
  source: 'Kubernetes CPU manager: static',
  place: (request, state) => pinTo(request, state, packed),
};

export const kubeletUncore: PlacementAlgorithm = {
  name: 'kubelet-uncore',
  label: 'kubelet, packed, caches aligned',
  source: 'Kubernetes CPU manager: static, prefer-align-cpus-by-uncorecache',
  place: (request, state) => pinTo(request, state, aligned),
};

export const kubeletDistributed: PlacementAlgorithm = {
  name: 'kubelet-distributed',
  label: 'kubelet, distributed',
  source: 'Kubernetes CPU manager: static, distribute-cpus-across-numa',
  place: (request, state) => {
    const groupSize = request.smt === 'any' ? 1 : threadsPerCore(state.topology);
    return pinTo(request, state, demand => takeDistributed(demand, groupSize));
  },
};

const underTopologyManager = (policy: TopologyPolicy): PlacementAlgorithm => ({
  name: `kubelet-${policy}`,
  label: `kubelet, ${policy}`,
  source: `Kubernetes Topology Manager: ${policy}, with static CPU manager (caches aligned) and static memory manager`,
  place: (request, state) => placeOnNodes(request, state, policy),
});

export const kubeletBestEffort = underTopologyManager('best-effort');
export const kubeletRestricted = underTopologyManager('restricted');
export const kubeletSingleNode = underTopologyManager('single-numa-node');

/** Without a memory manager pages come from where the vCPUs first run. */
function pinTo(request: VmRequest, state: HostState, take: (demand: CpuDemand) => CpuSet | null): PlacedVm | null {
  const count = cpusToAskFor(request, state.topology);
  const taken = take({ topology: state.topology, free: freeCpus(state), count });
  return taken && pin(request, state, taken);
}

/** CPUs of the agreed nodes first, of others for what is missing there; memory of the agreed nodes while they have enough. */
function placeOnNodes(request: VmRequest, state: HostState, policy: TopologyPolicy): PlacedVm | null {
  const { topology } = state;
  const nodes = topology.nodes.filter(node => !node.cpus.isEmpty);
  const free = freeCpus(state);
  const count = cpusToAskFor(request, topology);
  const cpuSupply: Supply = {
    capacity: nodes.map(node => node.cpus.size),
    free: nodes.map(node => node.cpus.intersection(free).size),
    wanted: count,
  };
  const memorySupply: Supply = {
    capacity: nodes.map(node => node.memoryMiB ?? 0),
    free: nodes.map(node => state.freeMiB.get(node.id) ?? 0),
    wanted: request.memoryMiB,
  };
  const agreed = alignNodes(nodes.length, [cpuSupply, memorySupply, ...deviceSupplies(request, nodes)], policy);
  const forMemory = agreed && widenNodes(agreed, nodes.length, memorySupply);
  if (agreed === null || forMemory === null) return null;
  const near = free.intersection(unionOf(nodes.filter((_, n) => isInMask(agreed, n)).map(node => node.cpus)));
  const first = aligned({ topology, free: near, count: Math.min(count, near.size) });
  if (first === null) return null;
  const rest = aligned({ topology, free: free.difference(first), count: count - first.size });
  const memoryNodes = nodeSet(nodes.filter((_, n) => isInMask(forMemory, n)).map(node => node.id));
  return rest && pin(request, withMemoryOf(state, memoryNodes), first.union(rest));
}

function deviceSupplies({ deviceNode }: VmRequest, nodes: readonly NumaNode[]): readonly Supply[] {
  if (deviceNode === null) return [];
  const devices = nodes.map(node => Number(node.id === deviceNode));
  return [{ capacity: devices, free: devices, wanted: 1 }];
}

/** Null where a core was torn that had to be whole: full-pcpus-only refuses that, too. */
function pin(request: VmRequest, state: HostState, taken: CpuSet): PlacedVm | null {
  const vm = pinnedVm(request, state, chooseVcpuCpus(request, taken, state));
  return vm && { ...vm, allowed: taken };
}
