// The pieces that an algorithm without a word for thread siblings deals in: CPUs, or whole cores where the VM wants them whole.
import type { HostTopology } from '#domain/host-topology.ts';
import type { CpuSet } from '#domain/id-set.ts';
import type { CpuId } from '#domain/ids.ts';
import { threadsPerCore } from './free-cpus.ts';
import type { VmRequest } from './placement-algorithm.ts';

/** Free CPUs, or the first CPU of every wholly free core. */
export function freeTokens({ smt }: VmRequest, free: CpuSet, { cores }: HostTopology): readonly CpuId[] {
  if (smt === 'any') return free.ids;
  return cores.filter(core => core.cpus.isSubsetOf(free)).flatMap(core => core.cpus.ids.slice(0, 1));
}

/** How many of them a VM needs. */
export const tokensNeeded = ({ vcpus, smt }: VmRequest, topology: HostTopology): number =>
  smt === 'pairs' ? Math.ceil(vcpus / threadsPerCore(topology)) : vcpus;

/** The CPUs of the vCPUs in the order of the tokens; null when they are too few. */
export function expandTokens(
  { vcpus, smt }: VmRequest,
  tokens: readonly CpuId[],
  { cores }: HostTopology,
): readonly CpuId[] | null {
  const coreOf = (cpu: CpuId): readonly CpuId[] => cores.find(core => core.cpus.has(cpu))?.cpus.ids ?? [];
  const cpus = smt === 'pairs' ? tokens.flatMap(coreOf) : tokens;
  return cpus.length < vcpus ? null : cpus.slice(0, vcpus);
}
