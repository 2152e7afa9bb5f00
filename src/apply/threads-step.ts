// Pins the threads of one running QEMU process, or of one of its helpers, and no other.
import { parseCpuList } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';
import type { StepRecord } from '#domain/journal.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { helperPids } from '#host/read-helpers.ts';
import { readStartTime, readVmProcess } from '#host/vm-process.ts';
import { parseAllowedCpus } from '#topology/parse-proc-status.ts';
import type { Progress } from './steps.ts';

type ThreadsRecord = Extract<StepRecord, { kind: 'threads' }>;

export function threadsState(record: ThreadsRecord, host: Host): Progress {
  if (!isSameProcess(record, host)) return 'gone';
  const online = onlineCpus(host);
  const sameMask = (a: CpuSet, b: CpuSet) => a.intersection(online).equals(b.intersection(online));
  const masks = record.threads.flatMap(thread => {
    const now = readMask(record.pid, thread.tid, host);
    return now === null ? [] : [{ ...thread, now }];
  });
  if (masks.every(({ now, after }) => sameMask(now, after))) return 'after';
  if (masks.every(({ now, before }) => sameMask(now, before))) return 'before';
  const foreign = masks.find(({ now, before, after }) => !sameMask(now, before) && !sameMask(now, after));
  if (!foreign) return 'mixed';
  return { foreign: `thread ${foreign.tid} of VM ${record.vmid} was pinned elsewhere by somebody else` };
}

export function applyThreads(record: ThreadsRecord, host: Host): void {
  // The main thread first: threads that QEMU starts meanwhile are born with its mask.
  const inOrder = [...record.threads].sort((a, b) => rank(a, record) - rank(b, record) || a.tid - b.tid);
  for (const { tid, vcpu, after } of inOrder) {
    if (!isSameProcess(record, host)) {
      throw new HostError('gone', `VM ${record.vmid} ended or was restarted while its threads were being pinned`);
    }
    try {
      host.setThreadAffinity({ pid: record.pid, tid }, after);
    } catch (error) {
      // Worker threads come and go; a vCPU that is gone is another matter.
      if (error instanceof HostError && error.reason === 'gone' && vcpu === null) continue;
      throw error;
    }
  }
  const state = threadsState(record, host);
  if (state !== 'after') {
    const why = typeof state === 'object' ? state.foreign : `some of its threads kept their masks`;
    throw new HostError('failed', `VM ${record.vmid} is not pinned as asked: ${why}`);
  }
}

/**
 * The step that unpins the threads, as the process is now: those that have ended are left out, and those that QEMU's main thread
 * has started since, which were born with its mask, are freed with it.
 */
export function refreshInverse(record: ThreadsRecord, host: Host): ThreadsRecord {
  const { pid, threads } = record;
  const known = new Set(threads.map(({ tid }) => tid));
  const main = threads.find(({ tid }) => tid === pid);
  const started = host.list(`/proc/${pid}/task`).flatMap(name => {
    const tid = Number(name);
    const before = known.has(tid) ? null : readMask(pid, tid, host);
    return main && before?.equals(main.before) ? [{ tid, vcpu: null, before, after: main.after }] : [];
  });
  return { ...record, threads: [...threads.filter(({ tid }) => readMask(pid, tid, host) !== null), ...started] };
}

const rank = ({ tid, vcpu }: ThreadsRecord['threads'][number], { pid }: ThreadsRecord): number =>
  tid === pid ? 0 : vcpu === null ? 1 : 2;

/** QEMU itself, or one of its helpers. */
function isSameProcess({ vmid, pid, startTime }: ThreadsRecord, host: Host): boolean {
  const process = readVmProcess(host, vmid);
  if (process?.pid === pid) return process.startTime === startTime;
  return helperPids(host, vmid, process?.pid ?? 0).includes(pid) && readStartTime(host, pid) === startTime;
}

function readMask(pid: number, tid: number, host: Host): CpuSet | null {
  const status = host.read(`/proc/${pid}/task/${tid}/status`);
  return status === null ? null : parseAllowedCpus(status);
}

/** Masks may name CPUs that are possible but not there; only online ones tell. */
function onlineCpus(host: Host): CpuSet {
  return parseCpuList(host.read('/sys/devices/system/cpu/online') ?? '');
}
