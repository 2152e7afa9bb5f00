// Reads and sets the CPUs of a thread of the live host.
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { encodeIdList } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';
import { systemCallError } from './errno.ts';
import { HostError } from './host-error.ts';
import { schedGetaffinity, schedSetaffinity } from './system-calls.ts';

export interface ThreadId {
  readonly pid: number;
  readonly tid: number;
}

/** The online CPUs that the thread may use; null when it has ended. */
export function threadAffinity({ pid, tid }: ThreadId): CpuSet | null {
  const cpus = schedGetaffinity(tid);
  if (typeof cpus !== 'number') return cpus;
  if (cpus === constants.errno.ESRCH) return null;
  throw systemCallError(`Cannot ask for the CPUs of thread ${tid} of process ${pid}`, cpus);
}

/** @throws HostError `gone` when the process no longer has this thread, `refused` when the kernel allows none of the CPUs. */
export function pinThread({ pid, tid }: ThreadId, cpus: CpuSet): void {
  const doing = `Cannot restrict thread ${tid} of process ${pid} to CPUs ${encodeIdList(cpus)}`;
  // The call itself takes a bare thread id, which another process may have got since.
  if (!existsSync(`/proc/${pid}/task/${tid}`)) throw new HostError('gone', `${doing}: the thread has ended`);
  const errno = schedSetaffinity(tid, cpus);
  if (errno === 0) return;
  if (errno === constants.errno.EINVAL) {
    throw new HostError('refused', `${doing}: none of them is online and allowed by its cpuset`);
  }
  throw systemCallError(doing, errno);
}
