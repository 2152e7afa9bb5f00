// Gives guests Berth's hookscript, or takes it from them, as a transaction that can be undone.
import type { VmGuest } from '#domain/guest.ts';
import type { VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { JournalEntry } from '#domain/journal.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { STORAGE_PATH } from '#host/read-node-facts.ts';
import { parseStorages } from '#proxmox/storages.ts';
import { chainPath, type HookInput, hookRecords, unhookRecords } from './hook-records.ts';
import { nextEntryId, readJournal } from './journal-files.ts';
import { refuseLockedGuests, refuseWithoutQuorum } from './refusals.ts';
import { makeEntry, type RunOptions, runEntry } from './run-entry.ts';
import type { StepContext } from './steps.ts';
import { withBerthLock } from './with-lock.ts';

export interface HookOptions extends Pick<RunOptions, 'onStep' | 'shouldStop' | 'now'> {
  readonly context: StepContext;
  readonly action: 'install' | 'remove';
  /** `local:snippets/berth-hook.sh`. */
  readonly volume: string;
  /** VMs of this node; null for all of them but templates. */
  readonly vmids: readonly VmId[] | null;
  readonly readInventory: () => Promise<Inventory>;
}

/** Null when all is so already. @throws HostError when it was refused before the first step; nothing has then been changed. */
export function applyHooks({ context, readInventory, ...options }: HookOptions): Promise<JournalEntry | null> {
  const { host, qm } = context;
  const { action, volume, now } = options;
  return withBerthLock(host, now, async () => {
    refuseWithoutQuorum(host);
    const inventory = await readInventory();
    const guests = chooseGuests(inventory, options.vmids);
    const recordsOf = action === 'install' ? hookRecords : unhookRecords;
    const input: HookInput = { volume, qm, ...readStorages(host) };
    const records = guests.flatMap(guest => recordsOf(guest, input));
    if (records.length === 0) return null;
    refuseLockedGuests(records, host);
    const id = nextEntryId(readJournal(host));
    const entry = makeEntry({ id, action: 'apply', undoes: null, node: inventory.node, records, now });
    return runEntry(entry, { ...options, context, refresh: async record => record });
  });
}

const readStorages = (host: Host): Pick<HookInput, 'storages' | 'readChain'> => ({
  storages: parseStorages(host.read(STORAGE_PATH)),
  readChain: vmid => host.read(chainPath(vmid)),
});

/** Containers have hookscripts too, and nothing that ours would do for them. */
function chooseGuests({ guests, node }: Inventory, vmids: readonly VmId[] | null): readonly VmGuest[] {
  const vms = guests.filter(guest => guest.kind === 'vm');
  const strangers = (vmids ?? []).filter(vmid => !vms.some(vm => vm.vmid === vmid));
  if (strangers.length > 0) {
    throw new HostError('missing', `There is no VM ${strangers.join(', ')} on node ${node}. Nothing was changed`);
  }
  return vms.filter(({ vmid, template }) => (vmids === null ? !template : vmids.includes(vmid)));
}
