// How Nova gives the pinned vCPUs of one guest node their CPUs inside one host node: in core order, first fit.
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import type { CpuId } from '#domain/ids.ts';
import { type FittedCell, freeIn, type HostCell, type InstanceCell } from './nova-cells.ts';

interface Cores {
  /** Free CPUs of every core that has any. */
  readonly free: readonly CpuSet[];
  /** Of the largest core, free or not. */
  readonly threads: number;
}

/** `reserve` CPUs more are set aside for emulator threads: the first that vCPUs leave. */
export function packOntoCores(host: HostCell, instance: InstanceCell, reserve: number): FittedCell | null {
  const cores: Cores = {
    free: host.siblings.map(core => core.intersection(freeIn(host))).filter(core => !core.isEmpty),
    threads: Math.max(1, ...host.siblings.map(core => core.size)),
  };
  const isolate = instance.threadPolicy === 'isolate';
  if (isolate && cores.threads > 1 && !host.pinnable.equals(host.shared)) return null;
  for (const cpus of waysToTake(cores, instance)) {
    if (cpus.length < instance.pinnedVcpus.length) continue;
    const taken = cpus.slice(0, instance.pinnedVcpus.length);
    const reserved = setAside(cores, cpuSet(taken), isolate, reserve);
    if (reserved.size < Math.min(reserve, 1)) continue;
    const cpuOf = new Map(instance.pinnedVcpus.flatMap((vcpu, n) => pair(vcpu, taken[n])));
    return { hostCell: host.id, cpuOf, reserved };
  }
  return null;
}

const pair = (vcpu: number, cpu: CpuId | undefined): readonly (readonly [number, CpuId])[] =>
  cpu === undefined ? [] : [[vcpu, cpu]];

/** The lists of CPUs to try, best first: as many threads of each core as there are, then fewer, then whatever is free. */
function waysToTake({ free, threads }: Cores, { threadPolicy }: InstanceCell): readonly (readonly CpuId[])[] {
  const takeEach = (count: number): readonly CpuId[] =>
    free.filter(core => core.size >= count).flatMap(core => core.ids.slice(0, count));
  if (threadPolicy === 'isolate')
    return [free.filter(core => core.size >= threads).flatMap(core => core.ids.slice(0, 1))];
  const counts = Array.from({ length: threads }, (_, n) => threads - n);
  if (threadPolicy === 'require') return counts.filter(count => count > 1).map(takeEach);
  return [...counts.map(takeEach), free.flatMap(core => core.ids)];
}

function setAside({ free }: Cores, taken: CpuSet, isolate: boolean, count: number): CpuSet {
  const left = isolate ? free.filter(core => core.isDisjointFrom(taken)) : free.map(core => core.difference(taken));
  return cpuSet(left.flatMap(core => core.ids).slice(0, count));
}
