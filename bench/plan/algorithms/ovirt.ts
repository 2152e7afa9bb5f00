// oVirt's dedicated CPUs: virtual sockets into the package with most free CPUs, again and again.
import type { Package } from '#domain/host-topology.ts';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import type { CpuId } from '#domain/ids.ts';
import { freeCpus, threadsPerCore } from '../free-cpus.ts';
import { localMemory } from '../local-memory.ts';
import { withMemoryOf } from '../placed-vm.ts';
import type { HostState, PlacedVm, PlacementAlgorithm, VmRequest } from '../placement-algorithm.ts';

/** A virtual socket for each guest node; the guest sees threads where it asks for pairs. */
export const ovirt: PlacementAlgorithm = {
  name: 'ovirt',
  label: 'oVirt dedicated',
  source: 'oVirt VdsCpuUnitPinningHelper: DEDICATED, ISOLATE_THREADS for isolated guests',
  place: (request, state) => {
    const threads = request.smt === 'pairs' ? threadsPerCore(state.topology) : 1;
    if (request.vcpus % (request.guestNodes * threads) !== 0) return null;
    const cpus = fillPackages(request, state, threads);
    return cpus && withInterleavedMemory(request, state, cpus);
  },
};

/** A group of CPUs is a virtual core. What does not make up a whole virtual socket in a package is given back. */
function fillPackages(request: VmRequest, state: HostState, threads: number): readonly CpuId[] | null {
  const perSocket = request.vcpus / request.guestNodes / threads;
  const packages = state.topology.packages.filter(
    unit => freeMiBOf(unit, state) >= request.memoryMiB / request.guestNodes,
  );
  const taken: CpuId[] = [];
  let socketsLeft = request.guestNodes;
  for (let round = 0; round < packages.length && socketsLeft > 0; round++) {
    const free = freeCpus(state).difference(cpuSet(taken));
    const freeIn = ({ cpus }: Package): number => cpus.intersection(free).size;
    const [chosen] = packages.toSorted((a, b) => freeIn(b) - freeIn(a));
    if (chosen === undefined) return null;
    const socketsOfMemory = Math.floor((freeMiBOf(chosen, state) * request.guestNodes) / request.memoryMiB);
    const groups = state.topology.cores
      .filter(core => core.package === chosen.id)
      .flatMap(({ cpus }) => {
        if (request.smt === 'isolate') return cpus.isSubsetOf(free) ? [cpus.ids.slice(0, 1)] : [];
        const ids = cpus.intersection(free).ids;
        return Array.from({ length: Math.floor(ids.length / threads) }, (_, n) =>
          ids.slice(n * threads, (n + 1) * threads),
        );
      });
    const sockets = Math.min(socketsLeft, socketsOfMemory, Math.floor(groups.length / perSocket));
    taken.push(...groups.slice(0, sockets * perSocket).flat());
    socketsLeft -= sockets;
  }
  return socketsLeft === 0 ? taken : null;
}

const nodesOf = (unit: Package, { topology }: HostState) =>
  topology.nodes.filter(node => !node.cpus.isDisjointFrom(unit.cpus));

const freeMiBOf = (unit: Package, state: HostState): number =>
  nodesOf(unit, state).reduce((sum, node) => sum + (state.freeMiB.get(node.id) ?? 0), 0);

/** Over all NUMA nodes of the packages, wherever in them the CPUs are. */
function withInterleavedMemory(request: VmRequest, state: HostState, cpus: readonly CpuId[]): PlacedVm | null {
  const own = cpuSet(cpus);
  const packages = state.topology.packages.filter(unit => !unit.cpus.isDisjointFrom(own));
  const nodes = packages.flatMap(unit => nodesOf(unit, state));
  const oneOfEach = nodes.flatMap(node => node.cpus.ids.slice(0, 1));
  const here = withMemoryOf(state, nodeSet(nodes.map(node => node.id)));
  const memoryMiB = localMemory(request.memoryMiB, oneOfEach, here);
  return memoryMiB && { vmid: request.vmid, cpus, memoryMiB, completed: false, allowed: own, smt: request.smt };
}
