// Applies config changes that belong to no placement, as a transaction of its own: locked, not stale, journalled, to be undone like any other.
import type { Inventory } from '#domain/inventory.ts';
import type { JournalEntry } from '#domain/journal.ts';
import type { Change } from '#domain/plan.ts';
import { HostError } from '#host/host-error.ts';
import { makeBasis, staleFacts } from '#plan/basis.ts';
import { nextEntryId, readJournal } from './journal-files.ts';
import { prepareConfig } from './prepare-steps.ts';
import { refuseLockedGuests, refuseWithoutQuorum } from './refusals.ts';
import { makeEntry, type RunOptions, runEntry } from './run-entry.ts';
import type { StepContext } from './steps.ts';
import { withBerthLock } from './with-lock.ts';

export interface FixOptions extends Pick<RunOptions, 'onStep' | 'shouldStop' | 'now'> {
  readonly context: StepContext;
  /** What the changes were made from. */
  readonly shown: Inventory;
  readonly readInventory: () => Promise<Inventory>;
}

/**
 * 1. Take the lock; refuse without quorum.
 * 2. Read the host again: refuse when one of these guests is other than it was shown.
 * 3. Write the journal entry, then do the steps, stopping at the first that fails.
 * @throws HostError when it was refused before the first step; nothing has then been changed.
 */
export function applyFixes(
  changes: ReadonlyArray<Extract<Change, { kind: 'config' }>>,
  { context, shown, readInventory, ...options }: FixOptions,
): Promise<JournalEntry> {
  const { host, qm } = context;
  const { now } = options;
  return withBerthLock(host, now, async () => {
    refuseWithoutQuorum(host);
    const inventory = await readInventory();
    refuseChangedGuests(changes, shown, inventory);
    const records = changes.map(change => prepareConfig(change, inventory, qm));
    refuseLockedGuests(records, host);
    const id = nextEntryId(readJournal(host));
    const entry = makeEntry({ id, action: 'apply', undoes: null, node: inventory.node, records, now });
    return runEntry(entry, { ...options, context, refresh: async record => record });
  });
}

function refuseChangedGuests(changes: readonly Change[], shown: Inventory, now: Inventory): void {
  const touched = new Set(changes.map(({ vmid }) => vmid));
  const basisOf = (inventory: Inventory) =>
    makeBasis({ ...inventory, guests: inventory.guests.filter(({ vmid }) => touched.has(vmid)) }, '');
  const facts = staleFacts(basisOf(shown), basisOf(now));
  if (facts.length === 0) return;
  throw new HostError('refused', `The host changed meanwhile: ${facts.join('; ')}. Nothing was changed`);
}
