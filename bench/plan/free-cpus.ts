// Which CPUs of a host no placed VM has.

import type { HostTopology } from '#domain/host-topology.ts';
import { type CpuSet, cpuSet, unionOf } from '#domain/id-set.ts';
import type { HostState, PlacedVm } from './placement-algorithm.ts';

export function freeCpus({ topology, usable, placed }: HostState): CpuSet {
  return usable.difference(unionOf(placed.map(vm => cpusKeptBy(vm, topology))));
}

/** Its vCPUs' CPUs, and the idle siblings of a VM that wants its cores alone. */
function cpusKeptBy({ cpus, smt }: PlacedVm, topology: HostTopology): CpuSet {
  const own = cpuSet(cpus);
  if (smt !== 'isolate') return own;
  return unionOf(topology.cores.filter(core => !core.cpus.isDisjointFrom(own)).map(core => core.cpus));
}
