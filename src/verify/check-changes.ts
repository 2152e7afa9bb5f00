// Rules about the steps: they touch only what is ours, on this host's guests, and lead exactly to the placement.
import { type Finding, finding } from '#domain/finding.ts';
import type { Guest } from '#domain/guest.ts';
import type { Inventory } from '#domain/inventory.ts';
import { wantedMask } from '#domain/placement.ts';
import type { Change, Plan } from '#domain/plan.ts';
import { encodePlacementConfig, nextValue, placementKeys } from '#proxmox/placement-config.ts';

/** A plan file may have been edited, and apply runs as root: no path, key or value is taken on trust. */
export function* checkChanges(plan: Plan, inventory: Inventory): Generator<Finding> {
  for (const change of plan.changes) {
    const guest = inventory.guests.find(({ vmid }) => vmid === change.vmid);
    if (!guest) yield finding('plan-guest-unknown', 'error', { vmid: change.vmid });
    else
      for (const what of wrongIn(change, guest, plan))
        yield finding('plan-change-wrong', 'error', { vmid: guest.vmid, what });
  }
  for (const placed of plan.placement.guests) {
    const guest = inventory.guests.find(({ vmid }) => vmid === placed.vmid);
    if (!guest) continue;
    for (const [key, wanted] of encodePlacementConfig(placed)) {
      const edit = configEdits(plan, guest).find(candidate => candidate.key === key);
      const value = edit ? edit.after : nextValue(guest, key);
      if (value !== wanted) {
        const what = `${key} would be ${value ?? 'unset'}, the placement needs ${wanted ?? 'no such line'}`;
        yield finding('plan-change-wrong', 'error', { vmid: placed.vmid, what });
      }
    }
  }
}

const configEdits = (plan: Plan, guest: Guest) =>
  plan.changes.flatMap(change => (change.kind === 'config' && change.vmid === guest.vmid ? change.edits : []));

function* wrongIn(change: Change, guest: Guest, plan: Plan): Generator<string> {
  const placed = plan.placement.guests.find(({ vmid }) => vmid === guest.vmid);
  if (change.kind === 'config') {
    if (change.path !== guest.configPath) yield `the file ${change.path} is not this guest's config`;
    if (change.guestKind !== guest.kind) yield `the guest is a ${guest.kind}`;
    for (const { key } of change.edits) {
      if (!placementKeys(guest.kind).includes(key)) yield `the key ${key} is none that a placement sets`;
    }
    for (const { key, before } of change.edits) {
      if (nextValue(guest, key) !== before)
        yield `${key} is ${nextValue(guest, key) ?? 'unset'}, not ${before ?? 'unset'}`;
    }
    return;
  }
  if (change.kind === 'threads') {
    if (guest.kind !== 'vm') yield 'a container has no QEMU threads';
    for (const { tid, role, after } of change.threads) {
      if (after.isEmpty) yield `thread ${tid} would have no CPU`;
      else if (placed && !after.equals(wantedMask(placed, role)))
        yield `thread ${tid} would not be where the placement has it`;
    }
    return;
  }
  if (guest.kind !== 'container') yield 'a VM has no container cpuset';
  if (change.after.isEmpty) yield 'its cpuset would be empty';
  else if (placed && !change.after.equals(placed.affinity)) yield 'its cpuset would not be what the placement has';
}
