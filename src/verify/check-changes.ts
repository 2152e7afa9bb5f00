// Rules about the steps: they touch only what is ours, on this host's guests, and lead exactly to the placement.
import { type Finding, finding } from '#domain/finding.ts';
import { type Guest, isSameGuest } from '#domain/guest.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { GuestPlacement } from '#domain/placement.ts';
import type { Change, Plan } from '#domain/plan.ts';
import { encodePlacementConfig, isPlacementKey, nextValue, placementKeys } from '#proxmox/placement-config.ts';
import { makeStartHost, startBrokenBy } from '#proxmox/predict-next-start.ts';
import { wrongGuestInterrupts, wrongHostInterrupts } from './check-interrupts.ts';
import { checkLayers } from './check-layers.ts';
import { wrongCpusets, wrongThreads } from './check-masks.ts';
import { wrongPartition } from './check-partition.ts';
import { checkUnits } from './check-units.ts';

/** One guest, where it was placed until now, where the plan puts it, and the plan's steps for it. */
export interface Move {
  readonly guest: Guest;
  /** Null: not placed by us until now, or another guest with the same VMID was. */
  readonly before: GuestPlacement | null;
  /** Null: released, or never placed. */
  readonly placed: GuestPlacement | null;
  readonly changes: readonly Change[];
}

/** A plan file may have been edited, and apply runs as root: no path, key, value, thread or mask is taken on trust. */
export function* checkChanges(plan: Plan, inventory: Inventory): Generator<Finding> {
  yield* checkUnits(plan, inventory);
  yield* checkLayers(plan, inventory);
  for (const { vmid } of plan.changes) {
    if (vmid === null) continue;
    const isKnown = inventory.guests.some(guest => guest.vmid === vmid);
    if (!isKnown) yield finding('plan-guest-unknown', 'error', { vmid });
  }
  for (const what of wrongHostInterrupts(plan, inventory)) yield finding('plan-interrupts-wrong', 'error', { what });
  for (const guest of inventory.guests) {
    const { vmid } = guest;
    const inForce = inventory.placement?.guests.find(placed => placed.vmid === vmid);
    const move: Move = {
      guest,
      before: inForce && isSameGuest(inForce.identity, guest.identity) ? inForce : null,
      placed: plan.placement.guests.find(placed => placed.vmid === vmid) ?? null,
      changes: plan.changes.filter(change => change.vmid === vmid),
    };
    for (const what of wrongIn(move, plan, inventory)) yield finding('plan-change-wrong', 'error', { vmid, what });
    yield* brokenStart(move, inventory);
  }
}

/** A guest that starts today must start after the plan. */
function* brokenStart({ guest, changes }: Move, inventory: Inventory): Generator<Finding> {
  const edits = changes.flatMap(change => (change.kind === 'config' ? change.edits : []));
  if (guest.kind !== 'vm' || edits.length === 0) return;
  const problem = startBrokenBy(edits, guest, makeStartHost(inventory));
  if (problem === null) return;
  yield finding('plan-breaks-start', 'error', { vmid: guest.vmid, problem: problem.code, keys: [...problem.keys] });
}

function* wrongIn(move: Move, plan: Plan, inventory: Inventory): Generator<string> {
  if (move.placed === null && move.before === null) {
    if (move.changes.length > 0) yield 'the guest is not placed, and was never placed';
    return;
  }
  yield* wrongFound(move);
  yield* wrongConfig(move);
  yield* wrongThreads(move, plan, inventory);
  yield* wrongCpusets(move, plan, inventory);
  yield* wrongPartition(move, plan, inventory);
  yield* wrongGuestInterrupts(move, inventory);
}

/** What will be put back one day must be what the operator really had. */
function* wrongFound({ guest, before, placed }: Move): Generator<string> {
  if (placed === null) return;
  const always = placementKeys(guest.kind);
  const keys = new Set([...always, ...placed.found.keys(), ...(before?.found.keys() ?? [])]);
  for (const key of keys) {
    const isKnown = before !== null && (before.found.has(key) || always.includes(key));
    const truly = isKnown ? before.found.get(key) : nextValue(guest, key);
    const said = placed.found.get(key);
    if (said !== truly) yield `${key} is ${truly ?? 'unset'} for the operator, not ${said ?? 'unset'}`;
  }
}

/** Every key ends with the value that the placement needs; a released guest's with the operator's own. */
function* wrongConfig({ guest, before, placed, changes }: Move): Generator<string> {
  const configs = changes.filter(change => change.kind === 'config');
  for (const change of configs) {
    if (change.path !== guest.configPath) yield `the file ${change.path} is not this guest's config`;
    if (change.guestKind !== guest.kind) yield `the guest is a ${guest.kind}`;
    const waits = guest.runtime !== null || change.edits.some(({ key }) => guest.pending.has(key));
    const section = guest.kind === 'vm' && waits ? 'pending' : 'main';
    if (change.section !== section) yield `its values belong in the ${section} section`;
  }
  const edits = configs.flatMap(change => change.edits);
  const seen = new Set<string>();
  for (const { key, before: was } of edits) {
    if (!isPlacementKey(guest.kind, key)) yield `the key ${key} is none that a placement sets`;
    if (seen.has(key)) yield `${key} is set twice`;
    seen.add(key);
    if (nextValue(guest, key) !== was) yield `${key} is ${nextValue(guest, key) ?? 'unset'}, not ${was ?? 'unset'}`;
  }
  for (const [key, wanted] of placed ? encodePlacementConfig(placed) : (before?.found ?? [])) {
    const edit = edits.find(candidate => candidate.key === key);
    const value = edit ? edit.after : nextValue(guest, key);
    if (value !== wanted) {
      yield `${key} would be ${value ?? 'unset'}, the placement needs ${wanted ?? 'no such line'}`;
    }
  }
}
