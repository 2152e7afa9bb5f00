// The masks of kernel threads and interrupts, which the kernel widens when partitions come and go: remembered, and put back.
import { encodeIdList, parseCpuList } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';
import { parseTaskFlags } from '#topology/parse-task-flags.ts';
import type { Host } from './host.ts';
import { HostError } from './host-error.ts';
import { readTasks } from './read-tasks.ts';

export interface KernelMasks {
  /** Threads that may be moved. Those that serve one CPU never may, unlike the thread of an interrupt, which has one CPU as well. */
  readonly kernelThreads: ReadonlyArray<{ readonly tid: number; readonly name: string; readonly allowed: CpuSet }>;
  /** CPU lists as the kernel writes them. */
  readonly interrupts: ReadonlyArray<{ readonly irq: number; readonly cpus: string }>;
}

export function readKernelMasks(host: Host): KernelMasks {
  const kernelThreads = readTasks(host, new Set())
    .filter(({ pid, isKernel, allowed }) => isKernel && (allowed.size > 1 || !isBound(host, pid)))
    .map(({ pid, name, allowed }) => ({ tid: pid, name, allowed }));
  const interrupts = host.list('/proc/irq').flatMap(name => {
    const cpus = /^\d+$/.test(name) ? readInterruptMask(host, Number(name)) : null;
    return cpus === null ? [] : [{ irq: Number(name), cpus }];
  });
  return { kernelThreads, interrupts };
}

/**
 * Puts back what has become wider, and nothing else: other changes are somebody else's. Threads that are gone, and what the kernel lets nobody
 * move, are left.
 * @param isolated CPUs of the partitions that there were when the masks were read: nobody's mask named them, whatever it would be without.
 */
export function restoreKernelMasks(host: Host, masks: KernelMasks, isolated: CpuSet): void {
  const isolatedNow = readIsolated(host);
  /** Null when it has not become wider. */
  const wanted = (before: CpuSet, now: CpuSet): CpuSet | null => {
    const target = before.union(now.intersection(isolated));
    const isWider = !now.isSubsetOf(target) && target.difference(isolatedNow).isSubsetOf(now);
    return isWider ? target : null;
  };
  const tasks = new Map(readTasks(host, new Set()).map(task => [task.pid, task]));
  for (const { tid, name, allowed } of masks.kernelThreads) {
    const task = tasks.get(tid);
    const target = task?.isKernel && task.name === name ? wanted(allowed, task.allowed) : null;
    if (target !== null) unlessRefused(() => host.setThreadAffinity({ pid: tid, tid }, target));
  }
  for (const { irq, cpus } of masks.interrupts) {
    const now = readInterruptMask(host, irq);
    const target = now === null ? null : wanted(parseCpuList(cpus), parseCpuList(now));
    if (target !== null) unlessRefused(() => host.writeKernelFile(interruptPath(irq), encodeIdList(target)));
  }
}

const isBound = (host: Host, pid: number): boolean => parseTaskFlags(host.read(`/proc/${pid}/stat`) ?? '').isBound;

/** CPUs of all partitions, of whomever. */
export const readIsolated = (host: Host): CpuSet =>
  parseCpuList(host.read('/sys/fs/cgroup/cpuset.cpus.isolated') ?? '');

const interruptPath = (irq: number): string => `/proc/irq/${irq}/smp_affinity_list`;

const readInterruptMask = (host: Host, irq: number): string | null => host.read(interruptPath(irq))?.trim() ?? null;

/** The kernel answers EINVAL for its bound threads and EIO for interrupts that it manages itself: those it has not moved for us either. */
function unlessRefused(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
  }
}
