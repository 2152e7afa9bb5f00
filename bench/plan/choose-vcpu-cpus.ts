// Gives every vCPU its CPU, from the CPUs or the mask that an algorithm chose.
import type { CpuSet } from '#domain/id-set.ts';
import type { CpuId } from '#domain/ids.ts';
import { freeCpus } from './free-cpus.ts';
import type { HostState, VmRequest } from './placement-algorithm.ts';

/**
 * The lowest CPUs, core by core: cores with all threads first, so that vCPUs 2k and 2k+1 are siblings where the set allows it.
 * `isolate` takes one CPU of each core, `pairs` whole cores. Null when the set has too few CPUs for that.
 */
export function chooseVcpuCpus({ vcpus, smt }: VmRequest, from: CpuSet, state: HostState): readonly CpuId[] | null {
  const cores = state.topology.cores.map(({ cpus }) => ({ cpus: cpus.intersection(from).ids, size: cpus.size }));
  const whole = cores.filter(({ cpus, size }) => cpus.length === size);
  const parts = cores.filter(({ cpus, size }) => cpus.length < size);
  const cpus = {
    isolate: () => whole.flatMap(core => core.cpus.slice(0, 1)),
    pairs: () => whole.flatMap(core => core.cpus),
    any: () => [...whole, ...parts].flatMap(core => core.cpus),
  }[smt]();
  return cpus.length < vcpus ? null : cpus.slice(0, vcpus);
}

/**
 * The same for a mask that the algorithm gave without looking at who is there already: free CPUs in it,
 * else any of it, one after the other and around again: the VM starts, and shares CPUs with others or with itself.
 */
export function completeMask(request: VmRequest, mask: CpuSet, state: HostState): readonly CpuId[] {
  const free = mask.intersection(freeCpus(state));
  const chosen = chooseVcpuCpus(request, free, state);
  if (chosen !== null) return chosen;
  const inOrder = [...free.ids, ...mask.difference(free).ids];
  return Array.from({ length: request.vcpus }, (_, n) => inOrder[n % inOrder.length]).filter(cpu => cpu !== undefined);
}
