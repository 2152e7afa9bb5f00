// Applies config changes that belong to no placement, as a transaction of its own: locked, not stale, journalled, to be undone like any other.
import type { VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { JournalEntry, StepRecord } from '#domain/journal.ts';
import type { Change } from '#domain/plan.ts';
import { HostError } from '#host/host-error.ts';
import { makeBasis, staleFacts } from '#plan/basis.ts';
import { nextEntryId, readJournal } from './journal-files.ts';
import { prepareConfig, textOf } from './prepare-steps.ts';
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
    const records = prepareFixes(changes, inventory, qm);
    refuseLockedGuests(records, host);
    const id = nextEntryId(readJournal(host));
    const entry = makeEntry({ id, action: 'apply', undoes: null, node: inventory.node, records, now });
    return runEntry(entry, { ...options, context, refresh: async record => record });
  });
}

/** Each step begins with the text that the one before it leaves, so that undoing both gives every byte back. */
function prepareFixes(
  changes: ReadonlyArray<Extract<Change, { kind: 'config' }>>,
  inventory: Inventory,
  qm: string | null,
): readonly StepRecord[] {
  const left = new Map<VmId, string>();
  return changes.map(change => {
    const record = prepareConfig(change, left.get(change.vmid) ?? textOf(change.vmid, inventory), qm);
    if (record.kind === 'file' && record.after !== null) left.set(change.vmid, record.after);
    return record;
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
