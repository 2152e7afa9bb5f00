// Looks at one thread's counters, and collects what was seen of it.

import type { ThreadCounters, ThreadReading } from '#domain/sampling.ts';
import type { TextTree } from '#domain/text-tree.ts';
import { parseProcStat } from '#topology/parse-proc-stat.ts';
import { parseSchedstat, type Schedstat } from '#topology/parse-schedstat.ts';
import { parseIsReady, parseMigrations, parseSwitches } from '#topology/parse-thread-counters.ts';
import { readParsed } from './read-parsed.ts';

/** Milliseconds since the sampling began. */
export type Clock = () => number;

/** Null when the thread has ended, or this kernel keeps no schedstat. */
export const readSchedstat = (host: TextTree, task: string): Schedstat | null =>
  readParsed(host, `${task}/schedstat`, parseSchedstat);

/** @param task `/proc/PID/task/TID`. @returns null as `readSchedstat`, with the thread's name else. */
export function readThread(
  host: TextTree,
  task: string,
  clock: Clock,
): { readonly name: string; readonly reading: ThreadReading } | null {
  const stat = readParsed(host, `${task}/stat`, text => ({ ...parseProcStat(text), isReady: parseIsReady(text) }));
  const atMs = clock();
  const schedstat = readSchedstat(host, task);
  if (stat === null || schedstat === null) return null;
  return { name: stat.comm, reading: { atMs, ...schedstat, cpu: stat.lastCpu, isReady: stat.isReady } };
}

/** Null when the thread has ended. */
export function readThreadCounters(host: TextTree, task: string): ThreadCounters | null {
  const switches = readParsed(host, `${task}/status`, parseSwitches);
  if (switches === null) return null;
  return { ...switches, migrations: readParsed(host, `${task}/sched`, parseMigrations) };
}
