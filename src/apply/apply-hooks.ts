// Gives guests Berth's hookscript, or takes it from them, as a transaction that can be undone.
import type { VmGuest } from '#domain/guest.ts';
import type { VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { JournalEntry } from '#domain/journal.ts';
import { HostError } from '#host/host-error.ts';
import { STORAGE_PATH } from '#host/read-node-facts.ts';
import { parseStorages } from '#proxmox/storages.ts';
import { chainPath, type HookChange, type HookInput, hookRecords, makeHookChange } from './hook-records.ts';
import { nextEntryId, readJournal } from './journal-files.ts';
import { refuseLockedGuests, refuseWithoutQuorum } from './refusals.ts';
import { makeEntry, type RunOptions, runEntry } from './run-entry.ts';
import type { StepContext } from './steps.ts';
import { withBerthLock } from './with-lock.ts';

export interface HookWish extends Pick<HookInput, 'action' | 'volume'> {
  /** VMs of this node; null for all of them, but templates only to take it away: their clones would have it. */
  readonly vmids: readonly VmId[] | null;
}

/** What would change; empty when all is so already. @throws HostError for VMs that are not here, and as `makeHookChange`. */
export function listHookChanges(wish: HookWish, inventory: Inventory, context: StepContext): readonly HookChange[] {
  const input = hookInput(wish, context);
  const { host } = context;
  return chooseGuests(inventory, wish).flatMap(
    guest => makeHookChange(guest, host.read(chainPath(guest.vmid)), input) ?? [],
  );
}

export interface HookOptions extends Pick<RunOptions, 'onStep' | 'shouldStop' | 'now'> {
  readonly context: StepContext;
  readonly readInventory: () => Promise<Inventory>;
}

/** @throws HostError when it was refused before the first step; nothing has then been changed. */
export function applyHooks(wish: HookWish, { context, readInventory, ...options }: HookOptions): Promise<JournalEntry> {
  const { host } = context;
  const { now } = options;
  return withBerthLock(host, now, async () => {
    refuseWithoutQuorum(host);
    const inventory = await readInventory();
    const input = hookInput(wish, context);
    const records = listHookChanges(wish, inventory, context).flatMap(change => hookRecords(change, input));
    refuseLockedGuests(records, host);
    const id = nextEntryId(readJournal(host));
    const entry = makeEntry({ id, action: 'apply', undoes: null, node: inventory.node, records, now });
    return runEntry(entry, { ...options, context, refresh: async record => record });
  });
}

const hookInput = ({ action, volume }: HookWish, { host, qm }: StepContext): HookInput => ({
  ...{ action, volume, qm },
  storages: parseStorages(host.read(STORAGE_PATH)),
});

/** Containers have hookscripts too, and nothing that ours would do for them. */
function chooseGuests({ guests, node }: Inventory, { vmids, action }: HookWish): readonly VmGuest[] {
  const vms = guests.filter(guest => guest.kind === 'vm');
  const strangers = (vmids ?? []).filter(vmid => !vms.some(vm => vm.vmid === vmid));
  if (strangers.length > 0) {
    throw new HostError('missing', `There is no VM ${strangers.join(', ')} on node ${node}. Nothing was changed`);
  }
  return vms.filter(({ vmid, template }) => (vmids === null ? !template || action === 'remove' : vmids.includes(vmid)));
}
