// `/proc/PID/task/TID/schedstat`: how long a thread ran, and how long it was ready and had no CPU (kernel doc: scheduler/sched-stats).
import { ParseError } from '#domain/errors.ts';

export interface Schedstat {
  readonly runNs: number;
  readonly waitNs: number;
  readonly slices: number;
}

/** Example: `1520394820 20312044 913`. Null for `0 0 0`, which a kernel that does not keep these numbers shows for every thread. */
export function parseSchedstat(text: string): Schedstat | null {
  const match = /^(\d+) (\d+) (\d+)\n?$/.exec(text);
  if (match === null)
    throw new ParseError(`Cannot parse schedstat "${text.trim().slice(0, 80)}": expected three numbers`);
  const [runNs = 0, waitNs = 0, slices = 0] = match.slice(1).map(Number);
  return runNs === 0 && waitNs === 0 && slices === 0 ? null : { runNs, waitNs, slices };
}
