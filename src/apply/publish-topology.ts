// Publishes what this node is, for the other nodes of the cluster: a journalled step like any other, and none when nothing changed.
import type { Inventory } from '#domain/inventory.ts';
import type { JournalEntry } from '#domain/journal.ts';
import type { Host } from '#host/host.ts';
import { nextEntryId, readJournal } from './journal-files.ts';
import { topologyRecords } from './placement-records.ts';
import { refuseWithoutQuorum } from './refusals.ts';
import { makeEntry, runEntry } from './run-entry.ts';
import { withBerthLock } from './with-lock.ts';

/** Null when it is published already. @throws HostError when it was refused; nothing has then been changed. */
export function publishTopology(
  inventory: Inventory,
  { host, now }: { readonly host: Host; readonly now: () => Date },
): Promise<JournalEntry | null> {
  return withBerthLock(host, now, async () => {
    refuseWithoutQuorum(host);
    const records = topologyRecords(inventory, host);
    if (records.length === 0) return null;
    const id = nextEntryId(readJournal(host));
    const entry = makeEntry({ id, action: 'apply', undoes: null, node: inventory.node, records, now });
    return runEntry(entry, { context: { host, qm: null }, refresh: async record => record, now });
  });
}
