// One apply or undo at a time on a node, and a tidy journal before the next begins.

import { refuseDuringBench } from '#host/bench-mark.ts';
import type { Host } from '#host/host.ts';
import { lockFile } from '#host/lock.ts';
import { readJournal, writeJournalEntry } from './journal-files.ts';
import { removeLeftovers } from './remove-leftovers.ts';

/** Entries that are still "running" although we hold the lock were interrupted: they are tidied up and closed, their steps left as they were recorded. */
export async function withBerthLock<Result>(host: Host, now: () => Date, work: () => Promise<Result>): Promise<Result> {
  const lock = lockFile(host, '/run/berth/lock');
  try {
    refuseDuringBench(host);
    const interrupted = readJournal(host).filter(({ state }) => state === 'running');
    removeLeftovers(interrupted, host);
    for (const entry of interrupted) {
      writeJournalEntry(host, { ...entry, state: 'stopped', finishedAt: now().toISOString() });
    }
    return await work();
  } finally {
    lock.release();
  }
}
