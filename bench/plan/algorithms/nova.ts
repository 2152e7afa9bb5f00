// OpenStack Nova with dedicated CPUs, in both orders in which it tries the host's NUMA nodes.
import { cpuSet } from '#domain/id-set.ts';
import { numaNodeId } from '#domain/ids.ts';
import { freeCpus, threadsPerCore } from '../free-cpus.ts';
import { type FitOptions, fitInstance } from '../nova/fit-instance.ts';
import type { HostCell, InstanceCell, ThreadPolicy } from '../nova/nova-cells.ts';
import type { HostState, PlacedVm, PlacementAlgorithm, VmRequest } from '../placement-algorithm.ts';

const makeNova = (strategy: FitOptions['strategy']): PlacementAlgorithm => ({
  name: `nova-${strategy}`,
  label: `Nova, ${strategy}`,
  source: `OpenStack Nova numa_fit_instance_to_host: ${strategy}, dedicated CPUs, without its cache of fits`,
  place: (request, state) => place(request, state, strategy),
});

export const novaSpread = makeNova('spread');
export const novaPack = makeNova('pack');

/** Refuses what does not divide by the guest's nodes, as Nova does. */
function place(request: VmRequest, state: HostState, strategy: FitOptions['strategy']): PlacedVm | null {
  const { vmid, vcpus, memoryMiB, guestNodes, deviceNode, smt } = request;
  if (vcpus % guestNodes !== 0 || memoryMiB % guestNodes !== 0) return null;
  const options: FitOptions = { strategy, deviceCell: deviceNode, isolateEmulator: false, limits: null };
  const fitted = fitInstance(makeHostCells(state), makeInstanceCells(request, state), options);
  if (fitted === null) return null;
  const cpus = fitted.flatMap(({ cpuOf }) => [...cpuOf.values()]);
  const memory = new Map(fitted.map(({ hostCell }) => [numaNodeId(hostCell), memoryMiB / guestNodes]));
  return { vmid, cpus, memoryMiB: memory, completed: false, allowed: cpuSet(cpus), smt };
}

/** All usable CPUs may float and be pinned: only then does Nova take `isolate` on a host with thread siblings. */
function makeHostCells(state: HostState): readonly HostCell[] {
  const free = freeCpus(state);
  const nodes = state.topology.nodes.filter(node => !node.cpus.isEmpty);
  return nodes.map(node => {
    const pinnable = node.cpus.intersection(state.usable);
    const memoryMiB = node.memoryMiB ?? 0;
    return {
      id: node.id,
      shared: pinnable,
      pinnable,
      pinned: pinnable.difference(free),
      siblings: state.topology.cores.filter(core => core.node === node.id).map(core => core.cpus),
      floatingVcpus: 0,
      memoryMiB,
      usedMiB: memoryMiB - (state.freeMiB.get(node.id) ?? 0),
      smallPagesMiB: null,
    };
  });
}

/** `require` needs a host with thread siblings; elsewhere an operator would not ask for it. */
function makeInstanceCells(
  { vcpus, memoryMiB, guestNodes, smt }: VmRequest,
  state: HostState,
): readonly InstanceCell[] {
  const siblings: ThreadPolicy = threadsPerCore(state.topology) > 1 ? 'require' : 'prefer';
  const threadPolicy = { any: 'prefer', isolate: 'isolate', pairs: siblings } as const;
  const each = vcpus / guestNodes;
  return Array.from({ length: guestNodes }, (_, node) => ({
    floating: 0,
    pinnedVcpus: Array.from({ length: each }, (_, n) => node * each + n),
    pins: true,
    threadPolicy: threadPolicy[smt],
    memoryMiB: memoryMiB / guestNodes,
  }));
}
