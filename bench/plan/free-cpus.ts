// Which CPUs of a host no placed VM has.

import type { HostTopology } from '#domain/host-topology.ts';
import { type CpuSet, cpuSet, unionOf } from '#domain/id-set.ts';
import type { HostState, PlacedVm, VmRequest } from './placement-algorithm.ts';

export function freeCpus({ topology, usable, placed }: HostState): CpuSet {
  return usable.difference(unionOf(placed.map(vm => cpusKeptBy(vm, topology))));
}

/** Its vCPUs' CPUs, and the idle siblings of a VM that wants its cores alone. */
function cpusKeptBy({ cpus, smt }: PlacedVm, topology: HostTopology): CpuSet {
  const own = cpuSet(cpus);
  if (smt !== 'isolate') return own;
  return unionOf(topology.cores.filter(core => !core.cpus.isDisjointFrom(own)).map(core => core.cpus));
}

/** Threads of the cores with most of them. */
export const threadsPerCore = (topology: HostTopology): number =>
  Math.max(1, ...topology.cores.map(core => core.cpus.size));

/**
 * How many CPUs an administrator asks an algorithm for that has no word for thread siblings:
 * whole cores for `pairs`, and a core for every vCPU for `isolate`.
 */
export function cpusToAskFor({ vcpus, smt }: VmRequest, topology: HostTopology): number {
  const threads = threadsPerCore(topology);
  if (smt === 'isolate') return vcpus * threads;
  return smt === 'pairs' ? Math.ceil(vcpus / threads) * threads : vcpus;
}
