// What an operator should hear beside a plan, though the plan does as asked.
import { type Finding, finding } from '#domain/finding.ts';
import type { VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { Placement } from '#domain/placement.ts';
import type { Change } from '#domain/plan.ts';
import type { Wishes } from '#domain/policy.ts';
import { makeStartHost, startBrokenBy } from '#proxmox/predict-next-start.ts';

/** On so few cores pinning takes away more than it gives: the scheduler has nowhere to go. */
const SMALL_HOST_CORES = 4;

export interface AdviceInput {
  readonly inventory: Inventory;
  readonly placement: Placement;
  readonly wishes: ReadonlyMap<VmId, Wishes>;
  readonly changes: readonly Change[];
}

export function makeAdvice({ inventory, placement, wishes, changes }: AdviceInput): readonly Finding[] {
  const advice: Finding[] = [...brokenStarts(changes, inventory)];
  const placed = placement.guests.filter(guest => guest.class !== 'shared');
  const { cores, nodes } = inventory.topology;
  if (placed.length > 0 && cores.length <= SMALL_HOST_CORES) {
    advice.push(finding('advice-small-host', 'warning', { cores: cores.length }));
  }
  for (const guest of inventory.guests) {
    const reason = guest.kind === 'vm' ? guest.runtime?.unreadable : undefined;
    const isPlaced = placement.guests.some(({ vmid }) => vmid === guest.vmid);
    if (reason !== undefined && isPlaced) advice.push(finding('guest-unread', 'warning', { vmid: guest.vmid, reason }));
  }
  for (const { vmid } of placed) {
    const guest = inventory.guests.find(candidate => candidate.vmid === vmid);
    if (guest?.kind === 'vm' && guest.memoryHotplug && nodes.length > 1) {
      advice.push(finding('advice-memory-hotplug', 'warning', { vmid }));
    }
    if (guest?.kind === 'vm' && wishes.get(vmid)?.memory === 'bind') {
      advice.push(finding('advice-bind', 'note', { vmid }));
    }
  }
  const balanced = placement.guests.filter(({ class: guestClass, kind, found }) => {
    const wasBalanced = [...found.values()].every(value => value === null);
    return guestClass === 'shared' && kind === 'container' && wasBalanced;
  });
  if (balanced.length > 0) {
    advice.push(finding('advice-containers-balance', 'note', { vmids: balanced.map(({ vmid }) => vmid) }));
  }
  return advice;
}

/** The planner knows no such plan; should it make one all the same, it says so, and apply refuses it. */
function* brokenStarts(changes: readonly Change[], inventory: Inventory): Generator<Finding> {
  const host = makeStartHost(inventory);
  for (const change of changes) {
    const guest = inventory.guests.find(({ vmid }) => vmid === change.vmid);
    if (change.kind !== 'config' || guest?.kind !== 'vm') continue;
    const problem = startBrokenBy(change.edits, guest, host);
    if (problem === null) continue;
    yield finding('plan-breaks-start', 'error', { vmid: guest.vmid, problem: problem.code, keys: [...problem.keys] });
  }
}
