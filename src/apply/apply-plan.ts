// Applies a plan as one transaction: locked, not stale, proved again, and journalled before each step.
import { placementJson } from '#contract/placement.ts';
import { encodeJson } from '#contract/read-json.ts';
import type { Finding } from '#domain/finding.ts';
import type { VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { JournalEntry } from '#domain/journal.ts';
import type { Change, Plan } from '#domain/plan.ts';
import type { Housekeeping, Wishes } from '#domain/policy.ts';
import { HostError } from '#host/host-error.ts';
import { makeBasis, staleFacts } from '#plan/basis.ts';
import { checkPlan } from '#verify/check-plan.ts';
import { nextEntryId, readJournal } from './journal-files.ts';
import { restoreMasks } from './partition-step.ts';
import { prepareSteps, refreshThreads } from './prepare-steps.ts';
import { refuseLockedGuests, refuseWithoutQuorum } from './refusals.ts';
import { makeEntry, type RunOptions, runEntry } from './run-entry.ts';
import type { StepContext } from './steps.ts';
import { withBerthLock } from './with-lock.ts';

/** The host as a plan sees it, read when asked. */
export interface HostState {
  readonly inventory: Inventory;
  readonly housekeeping: Housekeeping;
  readonly wishes: ReadonlyMap<VmId, Wishes>;
  readonly policyDigest: string;
}

export interface ApplyOptions extends Pick<RunOptions, 'onStep' | 'shouldStop' | 'now'> {
  readonly context: StepContext;
  readonly readState: () => Promise<HostState>;
  /** `bench`: to be undone soon. Configs, which say how guests start, are left alone; the rest is what can be felt while they run. */
  readonly purpose?: 'bench';
}

export type ApplyResult =
  /** The host is as planned already. */
  | { readonly kind: 'nothing' }
  /** The plan breaks a hard rule: nothing was begun. */
  | { readonly kind: 'unsound'; readonly findings: readonly Finding[] }
  | { readonly kind: 'ran'; readonly entry: JournalEntry };

/**
 * 1. Take the lock; refuse without quorum.
 * 2. Read the host again: refuse a plan that no longer fits it, and one that breaks a rule.
 * 3. Write the journal entry with everything that is there now, then do the steps, stopping at the first that fails.
 * 4. Put back the masks of kernel threads and interrupts, should partitions have widened some.
 * @throws HostError when it was refused before the first step; nothing has then been changed.
 */
export function applyPlan(plan: Plan, options: ApplyOptions): Promise<ApplyResult> {
  const { context, now } = options;
  const { host } = context;
  return withBerthLock(host, now, async () => {
    refuseWithoutQuorum(host);
    const { inventory, housekeeping, wishes, policyDigest } = await options.readState();
    refuseStale(plan, inventory, policyDigest);
    const findings = checkPlan(plan, inventory, { housekeeping, wishes });
    if (findings.length > 0) return { kind: 'unsound', findings };
    if (changesNothing(plan, inventory)) return { kind: 'nothing' };
    refuseUnreadable(plan, inventory);
    const id = nextEntryId(readJournal(host));
    const steps = options.purpose === 'bench' ? { ...plan, changes: liveChanges(plan) } : plan;
    const records = prepareSteps(steps, inventory, { ...context, entryId: id });
    refuseLockedGuests(records, host);
    const purpose = options.purpose === undefined ? {} : { purpose: options.purpose };
    const entry = makeEntry({ id, action: 'apply', undoes: null, ...purpose, node: plan.node, records, now });
    const ran = await runEntry(entry, {
      ...options,
      refresh: async record => (record.kind === 'threads' ? refreshThreads(record, plan, host) : record),
    });
    restoreMasks(ran, host);
    return { kind: 'ran', entry: ran };
  });
}

/** What the kernel does at once; the rest is read when guests start. */
export function liveChanges({ changes }: Plan): readonly Change[] {
  return changes.filter(({ kind }) => kind !== 'config');
}

/** True when there is neither a step to take nor a placement to record. */
export function changesNothing(plan: Plan, { placement }: Inventory): boolean {
  if (plan.changes.length > 0) return false;
  if (placement === null) return plan.placement.guests.length === 0;
  return encodeJson(placementJson, plan.placement) === encodeJson(placementJson, placement);
}

function refuseStale(plan: Plan, inventory: Inventory, policyDigest: string): void {
  for (const node of [plan.node, plan.placement.node]) {
    if (node === inventory.node) continue;
    throw new HostError('refused', `The plan is for node ${node}; this is ${inventory.node}. Nothing was changed`);
  }
  const facts = staleFacts(plan.basis, makeBasis(inventory, policyDigest));
  if (facts.length === 0) return;
  throw new HostError(
    'refused',
    `The plan is stale: ${facts.join('; ')}. Nothing was changed. Run \`berth plan\` again`,
  );
}

/** A VM whose threads are not known cannot be pinned, nor be proved to keep off others' CPUs. */
function refuseUnreadable(plan: Plan, inventory: Inventory): void {
  for (const guest of inventory.guests) {
    const reason = guest.kind === 'vm' ? guest.runtime?.unreadable : undefined;
    const placements = [plan.placement, ...(inventory.placement === null ? [] : [inventory.placement])];
    const isPlaced = placements.some(({ guests }) => guests.some(({ vmid }) => vmid === guest.vmid));
    if (reason === undefined || !isPlaced) continue;
    throw new HostError(
      'refused',
      `VM ${guest.vmid} runs, but its threads are not known: ${reason}. Nothing was changed`,
    );
  }
}
