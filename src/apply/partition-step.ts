// Makes or takes away the cpuset partition of one running VM, and puts back the masks of kernel threads and interrupts that this widens.
import { parseCpuList } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';
import type { StepRecord } from '#domain/journal.ts';
import type { Change } from '#domain/plan.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { cgroupsWithoutCpuset, enterPartition, leavePartition, readPartition } from '#host/partition.ts';
import { readTasks } from '#host/read-tasks.ts';
import { readVmProcess } from '#host/vm-process.ts';
import type { Progress } from './steps.ts';

type PartitionRecord = Extract<StepRecord, { kind: 'partition' }>;

/** @param saves true for the first partition that an apply makes: undone last, it puts back what all of them have widened */
export function preparePartition(
  change: Extract<Change, { kind: 'partition' }>,
  host: Host,
  saves: boolean,
): PartitionRecord {
  const enabled = cgroupsWithoutCpuset(host);
  if (!saves) return { ...change, enabled, kernelThreads: [], interrupts: [] };
  const kernelThreads = readTasks(host, new Set())
    .filter(({ isKernel, allowed }) => isKernel && allowed.size > 1)
    .map(({ pid, name, allowed }) => ({ tid: pid, name, allowed }));
  return { ...change, enabled, kernelThreads, interrupts: readInterruptMasks(host) };
}

export function partitionState({ vmid, pid, startTime, before, after }: PartitionRecord, host: Host): Progress {
  const process = readVmProcess(host, vmid);
  if (process?.pid !== pid || process.startTime !== startTime) return 'gone';
  const state = readPartition(host, vmid);
  const isAs = (cpus: CpuSet | null) =>
    cpus === null ? state === null : state?.word === 'isolated' && state.cpus.equals(cpus);
  if (isAs(after)) return 'after';
  return isAs(before) ? 'before' : 'mixed';
}

export async function applyPartition(record: PartitionRecord, host: Host): Promise<void> {
  const { vmid, after } = record;
  // Its partition went with it, and the next plan or the agent sees to a new process.
  if (partitionState(record, host) === 'gone') return;
  if (after === null) {
    leavePartition(host, vmid, record.enabled);
    restoreKernelThreads(record, host);
    restoreInterrupts(record, host);
    return;
  }
  const { vcpus } = await host.queryVmThreads(vmid);
  // vCPUs that the placement does not know are pinned to the emulator's CPUs, and stay with it.
  const isInside = (tid: number) => host.threadAffinity({ pid: record.pid, tid })?.isSubsetOf(after) ?? false;
  const tids = vcpus.flatMap(({ tid }) => (isInside(tid) ? [tid] : []));
  enterPartition(host, { vmid, cpus: after, tids });
}

/** Those that are gone, or are others by now, and those that serve one CPU, are nobody's loss. */
function restoreKernelThreads({ kernelThreads }: PartitionRecord, host: Host): void {
  const now = new Map(readTasks(host, new Set()).map(task => [task.pid, task]));
  for (const { tid, name, allowed } of kernelThreads) {
    const task = now.get(tid);
    if (!task?.isKernel || task.name !== name || !isWider(task.allowed, allowed)) continue;
    try {
      host.setThreadAffinity({ pid: tid, tid }, allowed);
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
    }
  }
}

/** Partitions only ever widen; whatever else has changed was changed by somebody else. */
const isWider = (now: CpuSet, before: CpuSet): boolean => before.isSubsetOf(now) && !before.equals(now);

function readInterruptMasks(host: Host): PartitionRecord['interrupts'] {
  return host.list('/proc/irq').flatMap(name => {
    const cpus = /^\d+$/.test(name) ? host.read(`/proc/irq/${name}/smp_affinity_list`) : null;
    return cpus === null ? [] : [{ irq: Number(name), cpus: cpus.trim() }];
  });
}

/** The kernel answers EIO for interrupts that it manages itself: those it has not moved for us either. */
function restoreInterrupts({ interrupts }: PartitionRecord, host: Host): void {
  for (const { irq, cpus } of interrupts) {
    const path = `/proc/irq/${irq}/smp_affinity_list`;
    const now = host.read(path)?.trim();
    if (now === undefined || !isWider(parseCpuList(now), parseCpuList(cpus))) continue;
    try {
      host.writeKernelFile(path, cpus);
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
    }
  }
}
