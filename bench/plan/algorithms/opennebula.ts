// OpenNebula's pinning: each guest node to the host node that stays emptiest, by threads or by whole cores.
import { type NumaNode, nodeDistance } from '#domain/host-topology.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import type { CpuId, NumaNodeId } from '#domain/ids.ts';
import { freeCpus, threadsPerCore } from '../free-cpus.ts';
import type { HostState, PlacedVm, PlacementAlgorithm, VmRequest } from '../placement-algorithm.ts';

export const openNebula: PlacementAlgorithm = {
  name: 'opennebula',
  label: 'OpenNebula',
  source: 'OpenNebula HostShareNUMA: PIN_POLICY core for isolated guests, else thread',
  place: (request, state) => {
    const { vcpus, memoryMiB, guestNodes } = request;
    if (vcpus % guestNodes !== 0 || memoryMiB % guestNodes !== 0) return null;
    for (const threads of threadCounts(request, state)) {
      const homes = scheduleNodes(request, state, threads);
      if (homes !== null) return pin(request, state, { homes, threads });
    }
    return null;
  },
};

/** Threads of a core that a guest uses, the most first; powers of two that divide the vCPUs of a guest node. */
function threadCounts({ vcpus, guestNodes, smt }: VmRequest, { topology }: HostState): readonly number[] {
  if (smt === 'isolate') return [1];
  const most = 2 ** Math.floor(Math.log2(threadsPerCore(topology)));
  const counts = [8, 4, 2, 1].filter(count => count <= most && (vcpus / guestNodes) % count === 0);
  return smt === 'pairs' ? counts.filter(count => count === most) : counts;
}

/** Where a guest node's vCPUs and its memory go. */
interface Home {
  readonly node: NumaNode;
  readonly memoryNode: NumaNodeId;
}

/**
 * Guest nodes in order; of the host nodes with room for one the emptiest is asked first, the highest of equals, nodes of devices
 * before all. Memory lies on the node that is hop 0, 1, … away from it. While several are scheduled, memory is
 * booked on the node of the CPUs, wherever it will lie: that is how OpenNebula counts.
 */
function scheduleNodes(request: VmRequest, state: HostState, threads: number): readonly Home[] | null {
  const { topology, freeMiB } = state;
  const wanted = { cpus: request.vcpus / request.guestNodes, mib: request.memoryMiB / request.guestNodes };
  const free = freeCpus(state);
  const cpusFor = new Map(
    topology.nodes.map(node => [node, groupsIn(node, { request, state, free, threads }).length * threads]),
  );
  const homes: Home[] = [];
  for (let guestNode = 0; guestNode < request.guestNodes; guestNode++) {
    const bookedOn = (node: NumaNode): number => homes.filter(home => home.node === node).length;
    const roomOn = (node: NumaNode): number => (cpusFor.get(node) ?? 0) - bookedOn(node) * wanted.cpus;
    const hasMemory = (node: NumaNode): boolean =>
      (freeMiB.get(node.id) ?? 0) - bookedOn(node) * wanted.mib >= wanted.mib;
    const scoreOf = (node: NumaNode): number => 1 - wanted.cpus / roomOn(node) + Number(node.id === request.deviceNode);
    const forCpus = topology.nodes
      .filter(node => !node.cpus.isEmpty && roomOn(node) >= wanted.cpus)
      .toSorted((a, b) => scoreOf(b) - scoreOf(a) || b.id - a.id);
    const nearest = (node: NumaNode): readonly NumaNode[] =>
      topology.nodes.toSorted(
        (a, b) => nodeDistance(topology, node.id, a.id) - nodeDistance(topology, node.id, b.id) || a.id - b.id,
      );
    const pairs = topology.nodes.flatMap((_, hop) => forCpus.map(node => ({ node, memory: nearest(node)[hop] })));
    const found = pairs.find(({ memory }) => memory !== undefined && hasMemory(memory));
    if (found?.memory === undefined) return null;
    homes.push({ node: found.node, memoryNode: found.memory.id });
  }
  return homes;
}

interface GroupRequest {
  readonly request: VmRequest;
  readonly state: HostState;
  readonly free: CpuSet;
  readonly threads: number;
}

/** The CPUs of a node in groups of so many of one core; of cores that nobody uses one CPU each for `core`. */
function groupsIn(node: NumaNode, { request, state, free, threads }: GroupRequest): readonly (readonly CpuId[])[] {
  const cores = state.topology.cores.filter(core => core.node === node.id);
  if (request.smt === 'isolate') {
    return cores.filter(core => core.cpus.isSubsetOf(free)).map(core => core.cpus.ids.slice(0, 1));
  }
  return cores.flatMap(core => {
    const cpus = core.cpus.intersection(free).ids;
    const groups = Math.floor(cpus.length / threads);
    return Array.from({ length: groups }, (_, n) => cpus.slice(n * threads, (n + 1) * threads));
  });
}

function pin(
  request: VmRequest,
  state: HostState,
  { homes, threads }: { readonly homes: readonly Home[]; readonly threads: number },
): PlacedVm {
  const each = request.vcpus / request.guestNodes;
  const cpus: CpuId[] = [];
  const memoryMiB = new Map<NumaNodeId, number>();
  for (const { node, memoryNode } of homes) {
    const free = freeCpus(state).difference(cpuSet(cpus));
    cpus.push(...groupsIn(node, { request, state, free, threads }).flat().slice(0, each));
    memoryMiB.set(memoryNode, (memoryMiB.get(memoryNode) ?? 0) + request.memoryMiB / request.guestNodes);
  }
  return { vmid: request.vmid, cpus, memoryMiB, completed: false, allowed: cpuSet(cpus), smt: request.smt };
}
