// One apply or undo at a time on a node, and a tidy journal before the next begins.
import type { Host } from '#host/host.ts';
import { lockFile } from '#host/lock.ts';
import { readJournal, writeJournalEntry } from './journal-files.ts';

/** Entries that are still "running" although we hold the lock were interrupted: they are closed, their steps left as they were recorded. */
export async function withBerthLock<Result>(host: Host, now: () => Date, work: () => Promise<Result>): Promise<Result> {
  const lock = lockFile(host, '/run/berth/lock');
  try {
    for (const entry of readJournal(host)) {
      if (entry.state === 'running')
        writeJournalEntry(host, { ...entry, state: 'stopped', finishedAt: now().toISOString() });
    }
    return await work();
  } finally {
    lock.release();
  }
}
