// Makes or takes away the cpuset partition of one running VM.
import { type CpuSet, unionOf } from '#domain/id-set.ts';
import type { JournalEntry, StepRecord } from '#domain/journal.ts';
import type { Change } from '#domain/plan.ts';
import type { Host } from '#host/host.ts';
import { readKernelMasks, restoreKernelMasks } from '#host/kernel-masks.ts';
import {
  cgroupsWithoutCpuset,
  enterPartition,
  leavePartition,
  readPartition,
  stopHandingDown,
} from '#host/partition.ts';
import { readVmProcess } from '#host/vm-process.ts';
import type { Progress } from './steps.ts';

type PartitionRecord = Extract<StepRecord, { kind: 'partition' }>;

/** @param saves true for the first partition that an apply makes: it keeps the masks that all of them will widen, for `restoreMasks` */
export function preparePartition(
  change: Extract<Change, { kind: 'partition' }>,
  host: Host,
  saves: boolean,
): PartitionRecord {
  const masks = saves ? readKernelMasks(host) : { kernelThreads: [], interrupts: [] };
  return { ...change, enabled: cgroupsWithoutCpuset(host), ...masks };
}

export function partitionState({ vmid, pid, startTime, before, after }: PartitionRecord, host: Host): Progress {
  const process = readVmProcess(host, vmid);
  const state = readPartition(host, vmid);
  // Of a QEMU that has ended a helper in its scope, such as swtpm, keeps the partition: empty, and its CPUs lost for all others.
  const isLeftover = process === null && state !== null;
  if (!isLeftover && (process?.pid !== pid || process.startTime !== startTime)) return 'gone';
  const isAs = (cpus: CpuSet | null) =>
    cpus === null ? state === null : state?.word === 'isolated' && state.cpus.equals(cpus);
  if (isAs(after)) return 'after';
  return isAs(before) ? 'before' : 'mixed';
}

export async function applyPartition(record: PartitionRecord, host: Host): Promise<void> {
  const { vmid, after } = record;
  // Its partition went with it, and the next plan or the agent sees to a new process.
  if (partitionState(record, host) === 'gone') return;
  if (after === null) return leavePartition(host, vmid, record.enabled);
  if (readVmProcess(host, vmid) === null) return;
  const { vcpus } = await host.queryVmThreads(vmid);
  // vCPUs that the placement does not know are pinned to the emulator's CPUs, and stay with it.
  const isInside = (tid: number) => host.threadAffinity({ pid: record.pid, tid })?.isSubsetOf(after) ?? false;
  const tids = vcpus.flatMap(({ tid }) => (isInside(tid) ? [tid] : []));
  enterPartition(host, { vmid, cpus: after, tids });
}

/** With the undo of an apply whose partitions have ended before it, with their guests, or were made anew by the agent. */
export function restoreControllers({ steps }: JournalEntry, host: Host): void {
  stopHandingDown(
    host,
    steps.flatMap(({ record }) => (record.kind === 'partition' ? record.enabled : [])),
  );
}

/** Once all partitions of an apply have come, or with its undo gone: each of them may widen masks that the one before left alone. */
export function restoreMasks({ steps }: JournalEntry, host: Host): void {
  const records = steps.flatMap(({ record }) => (record.kind === 'partition' ? [record] : []));
  const saved = records.find(({ kernelThreads, interrupts }) => kernelThreads.length + interrupts.length > 0);
  if (saved === undefined) return;
  const isolated = unionOf(records.flatMap(({ before }) => (before === null ? [] : [before])));
  restoreKernelMasks(host, saved, isolated);
}
