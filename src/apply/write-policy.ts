// Writes a policy that was not there before; journalled, so that it is undone like an apply.
import type { JournalEntry } from '#domain/journal.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { nextEntryId, readJournal } from './journal-files.ts';
import { refuseWithoutQuorum } from './refusals.ts';
import { makeEntry, runEntry } from './run-entry.ts';
import { withBerthLock } from './with-lock.ts';

export interface WritePolicyOptions {
  readonly host: Host;
  readonly node: string;
  readonly path: string;
  readonly now: () => Date;
}

/** @throws HostError when there is a policy, or when it could not be written; nothing has then been changed. */
export function writeFirstPolicy(text: string, { host, node, path, now }: WritePolicyOptions): Promise<JournalEntry> {
  return withBerthLock(host, now, async () => {
    refuseWithoutQuorum(host);
    refusePolicy(host, path);
    const id = nextEntryId(readJournal(host));
    const records = [{ kind: 'file', vmid: null, path, before: host.read(path), after: text, config: null }] as const;
    const begun = makeEntry({ id, action: 'apply', undoes: null, node, records, now });
    const entry = await runEntry(begun, { context: { host, qm: null }, now, refresh: async record => record });
    const failed = entry.steps.find(({ error }) => error !== null);
    if (failed) throw new HostError('failed', `Cannot write ${path}: ${failed.error}`);
    return entry;
  });
}

/** A file with nothing in it is no policy yet. */
export function refusePolicy(host: Host, path: string): void {
  if ((host.read(path) ?? '').trim() === '') return;
  throw new HostError(
    'refused',
    `There is a policy already: ${path}. Change it with \`berth policy set VMID key=value\` or an editor; nothing was written`,
  );
}
