// Records guests that were pinned by hand, as they run: placement and policy are written, no guest is touched.
import { placementJson } from '#contract/placement.ts';
import { encodeJson } from '#contract/read-json.ts';
import type { Adoption } from '#domain/adoption.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { JournalEntry, StepRecord } from '#domain/journal.ts';
import type { Placement } from '#domain/placement.ts';
import type { Policy } from '#domain/policy.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { makeAdoption } from '#plan/make-adoption.ts';
import { editPolicy } from '#policy/edit-policy.ts';
import { verifyPlacement } from '#verify/verify-placement.ts';
import { nextEntryId, readJournal } from './journal-files.ts';
import { placementRecords } from './placement-records.ts';
import { refuseWithoutQuorum } from './refusals.ts';
import { makeEntry, type RunOptions, runEntry } from './run-entry.ts';
import { withBerthLock } from './with-lock.ts';

export interface AdoptOptions extends Pick<RunOptions, 'onStep' | 'shouldStop' | 'now'> {
  readonly host: Host;
  readonly policyPath: string;
  readonly readState: () => Promise<{ readonly inventory: Inventory; readonly policy: Policy }>;
}

/**
 * 1. Take the lock; refuse without quorum.
 * 2. Look at the guests again: refuse when they are no longer as they were shown, or when what would be recorded is not true of them.
 * 3. Write the journal entry, then the placement and the policy.
 * @throws HostError when it was refused before the first step; nothing has then been changed.
 */
export function applyAdoption(shown: Adoption, options: AdoptOptions): Promise<JournalEntry> {
  const { host, now } = options;
  return withBerthLock(host, now, async () => {
    refuseWithoutQuorum(host);
    const { inventory, policy } = await options.readState();
    const only = new Set(shown.adopted.map(({ placed }) => placed.vmid));
    const adoption = makeAdoption({ inventory, policy, only });
    if (textOf(adoption.placement) !== textOf(shown.placement)) {
      throw new HostError('refused', 'Guests or their masks changed meanwhile. Nothing was written. Try again');
    }
    refuseUntrue(adoption, inventory);
    const id = nextEntryId(readJournal(host));
    const records = [
      ...placementRecords(adoption.placement, inventory, { host, entryId: id }),
      ...policyRecords(adoption, options),
    ];
    const entry = makeEntry({ id, action: 'apply', undoes: null, node: inventory.node, records, now });
    return runEntry(entry, { ...options, context: { host, qm: null }, refresh: async record => record });
  });
}

const textOf = (placement: Placement): string => encodeJson(placementJson, placement);

/** What verify would find a moment later is no placement that may be recorded. */
function refuseUntrue({ adopted, placement }: Adoption, inventory: Inventory): void {
  const only = new Set(adopted.map(({ placed }) => placed.vmid));
  const { findings } = verifyPlacement({ inventory, placement, tasks: [], only });
  const wrong = findings.filter(({ severity }) => severity !== 'note').map(({ code }) => code);
  if (wrong.length === 0) return;
  throw new HostError(
    'refused',
    `The guests are not as they seemed: ${[...new Set(wrong)].join(', ')}. Nothing was written`,
  );
}

function policyRecords({ adopted }: Adoption, { host, policyPath: path }: AdoptOptions): StepRecord[] {
  const before = host.read(path);
  const after = adopted.reduce(
    (text, { placed, wishes }) =>
      wishes === null ? text : editPolicy(text, { vmid: placed.vmid, wishes, file: path }),
    before ?? '',
  );
  return after === (before ?? '') ? [] : [{ kind: 'file', vmid: null, path, before, after, config: null }];
}
