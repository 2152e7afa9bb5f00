// Turns the operating system's answers into HostErrors that say in words what went wrong.
import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { HostError, type HostErrorReason } from './host-error.ts';

const { errno } = constants;

const reasons = new Map<number, HostErrorReason>([
  [errno.ENOENT, 'missing'],
  [errno.ENOTDIR, 'missing'],
  [errno.EACCES, 'denied'],
  [errno.EPERM, 'denied'],
  [errno.EROFS, 'denied'],
  [errno.ESRCH, 'gone'],
  [errno.EINVAL, 'refused'],
  [errno.ECONNREFUSED, 'refused'],
  [errno.ETIMEDOUT, 'timeout'],
  [errno.ENOSPC, 'full'],
  [errno.EDQUOT, 'full'],
  [errno.EAGAIN, 'busy'],
  [errno.EBUSY, 'busy'],
]);

/** The positive errno of an error that Node threw for a system call; null for every other error. */
export function errnoOf(error: unknown): number | null {
  if (!(error instanceof Error) || !('errno' in error) || typeof error.errno !== 'number') return null;
  return Math.abs(error.errno);
}

/** `permission denied` for 13. */
export function errnoWords(number: number): string {
  // libuv has no words for a full quota.
  if (number === errno.EDQUOT) return 'disk quota exceeded';
  return getSystemErrorMap().get(-number)?.[1] ?? `error ${number}`;
}

/** The HostError for a failed system call; `doing` is the sentence's start, such as `Cannot read /proc/1/status`. */
export function systemCallError(doing: string, number: number, cause?: unknown): HostError {
  return new HostError(reasons.get(number) ?? 'failed', `${doing}: ${errnoWords(number)}`, { cause });
}

/** The same for an error that Node threw. HostErrors pass through; whatever is no system call's failure is a bug and thrown. */
export function hostErrorFrom(doing: string, error: unknown): HostError {
  if (error instanceof HostError) return error;
  const number = errnoOf(error);
  if (number === null) throw error;
  return systemCallError(doing, number, error);
}
