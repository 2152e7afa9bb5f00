// How often a thread was switched and moved: `status` (proc_pid_status(5)) and `sched` of `/proc/PID/task/TID`.
import { ParseError } from '#domain/errors.ts';

/** Example lines: `voluntary_ctxt_switches:	150` and `nonvoluntary_ctxt_switches:	545`. */
export function parseSwitches(status: string): { readonly voluntary: number; readonly involuntary: number } {
  const voluntary = /^voluntary_ctxt_switches:\t(\d+)$/m.exec(status)?.[1];
  const involuntary = /^nonvoluntary_ctxt_switches:\t(\d+)$/m.exec(status)?.[1];
  if (voluntary === undefined || involuntary === undefined) {
    throw new ParseError('Cannot parse process status: it has no context switches');
  }
  return { voluntary: Number(voluntary), involuntary: Number(involuntary) };
}

/** Example line: `se.nr_migrations                             :                  205`. Null where the kernel leaves it out. */
export function parseMigrations(sched: string): number | null {
  const count = /^se\.nr_migrations\s*:\s*(\d+)$/m.exec(sched)?.[1];
  return count === undefined ? null : Number(count);
}

/** Field 3 of `stat` (proc_pid_stat(5)): it runs or wants to. The name before it may itself hold spaces and parentheses. */
export const parseIsReady = (stat: string): boolean => stat.startsWith(') R ', stat.lastIndexOf(')'));
