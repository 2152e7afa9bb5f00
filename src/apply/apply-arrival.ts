// Records the place of a VM that came to this node by itself, or that one is gone; journalled, and no guest is touched.
import type { VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { JournalCause, JournalEntry } from '#domain/journal.ts';
import type { GuestPlacement, Placement } from '#domain/placement.ts';
import type { Infeasible } from '#domain/plan.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { makeArrival } from '#plan/make-arrival.ts';
import type { PlanInput } from '#plan/make-plan.ts';
import { nextEntryId, readJournal } from './journal-files.ts';
import { placementRecords } from './placement-records.ts';
import { refuseWithoutQuorum } from './refusals.ts';
import { makeEntry, runEntry } from './run-entry.ts';
import { withBerthLock } from './with-lock.ts';

export interface ArrivalOptions {
  readonly host: Host;
  readonly now: () => Date;
  /** Everything that planning needs, read when asked. */
  readonly readInput: () => Promise<PlanInput>;
}

export type ArrivalResult =
  | { readonly kind: 'placed'; readonly guest: GuestPlacement; readonly entry: JournalEntry }
  | { readonly kind: 'no-room'; readonly why: Infeasible }
  /** The policy does not want it placed, or this very process was placed before, and that was taken back. */
  | { readonly kind: 'left' };

/** @param process `PID/start time` @throws HostError when it was refused; nothing has then been changed. */
export function applyArrival(vmid: VmId, process: string, options: ArrivalOptions): Promise<ArrivalResult> {
  const { host, now } = options;
  return withBerthLock(host, now, async () => {
    refuseWithoutQuorum(host);
    if (wasTakenBack(readJournal(host), vmid, process)) return { kind: 'left' };
    const input = await options.readInput();
    const arrival = makeArrival(input, vmid);
    if (arrival.kind === 'unwanted') return { kind: 'left' };
    if (arrival.kind === 'no-room') return arrival;
    const cause = { kind: 'arrived', vmid, process } as const;
    const entry = await record(arrival.placement, input.inventory, cause, options);
    return { kind: 'placed', guest: arrival.guest, entry };
  });
}

/** Placing this very process was tried before, or an apply that was about it was taken back: that is to stay so. */
const wasTakenBack = (entries: readonly JournalEntry[], vmid: VmId, process: string): boolean =>
  entries.some(({ id, cause, steps }) => {
    if (cause?.vmid === vmid && cause.process === process) return true;
    const isAbout = steps.some(
      ({ record }) => 'pid' in record && record.vmid === vmid && `${record.pid}/${record.startTime}` === process,
    );
    return isAbout && entries.some(({ undoes, state }) => undoes === id && state === 'done');
  });

/** Gives back the CPUs of a VM that had arrived and is on another node now. Null when there is nothing to give back. */
export function applyDeparture(vmid: VmId, options: ArrivalOptions): Promise<JournalEntry | null> {
  const { host, now } = options;
  return withBerthLock(host, now, async () => {
    refuseWithoutQuorum(host);
    const { inventory } = await options.readInput();
    const { placement } = inventory;
    const isHere = inventory.guests.some(guest => guest.vmid === vmid);
    if (isHere || !placement?.guests.some(guest => guest.vmid === vmid && guest.arrived)) return null;
    const guests = placement.guests.filter(guest => guest.vmid !== vmid);
    return record({ ...placement, guests }, inventory, { kind: 'departed', vmid, process: null }, options);
  });
}

async function record(
  placement: Placement,
  inventory: Inventory,
  cause: JournalCause,
  { host, now }: ArrivalOptions,
): Promise<JournalEntry> {
  const id = nextEntryId(readJournal(host));
  const records = placementRecords(placement, inventory, { host, entryId: id });
  const begun = makeEntry({ id, action: 'apply', undoes: null, node: inventory.node, cause, records, now });
  const entry = await runEntry(begun, { context: { host, qm: null }, now, refresh: async step => step });
  const failed = entry.steps.find(({ error }) => error !== null);
  if (failed) throw new HostError('refused', `journal entry ${id}: ${failed.error}`);
  return entry;
}
