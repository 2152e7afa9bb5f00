// Writes kernel parameters as a transaction of its own: locked, not stale, journalled, to be undone like any other.
import type { BootEdit } from '#domain/boot-isolation.ts';
import type { JournalEntry } from '#domain/journal.ts';
import { HostError } from '#host/host-error.ts';
import { nextEntryId, readJournal } from './journal-files.ts';
import { makeEntry, type RunOptions, runEntry } from './run-entry.ts';
import type { StepContext } from './steps.ts';
import { withBerthLock } from './with-lock.ts';

export interface BootEditOptions extends Pick<RunOptions, 'onStep' | 'shouldStop' | 'now'> {
  readonly context: StepContext;
  readonly node: string;
  /** Makes the edit anew from what is there; null when there is nothing to write. */
  readonly readEdit: () => Promise<BootEdit | null>;
}

/** @throws HostError when it was refused before anything was written. Nothing of it is in `/etc/pve`, so a quorum is not asked for. */
export function applyBootEdit(
  shown: BootEdit,
  { context, node, readEdit, ...options }: BootEditOptions,
): Promise<JournalEntry> {
  const { host } = context;
  const { now } = options;
  return withBerthLock(host, now, async () => {
    if (JSON.stringify(await readEdit()) !== JSON.stringify(shown)) {
      throw new HostError('refused', 'The host changed meanwhile. Nothing was written. Run `berth isolate` again');
    }
    const id = nextEntryId(readJournal(host));
    const records = [{ kind: 'boot', ...shown } as const];
    const entry = makeEntry({ id, action: 'apply', undoes: null, node, records, now });
    return runEntry(entry, { ...options, context, refresh: async record => record });
  });
}
