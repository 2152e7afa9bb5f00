// Whether KSM is kept from merging a guest's memory, and why not where the policy asks for it.
import { type Finding, finding, type KsmObstacle } from '#domain/finding.ts';
import type { Guest } from '#domain/guest.ts';
import type { VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { Wishes } from '#domain/policy.ts';

type PlannedKsm = 'left' | 'off' | { readonly obstacle: KsmObstacle };

/** A key that this node's Proxmox does not know is not written: `qm` would refuse it, and the next rewrite of the file drop it. */
export function planKsm(guest: Guest, wish: Wishes, { ksmKey = 'not-told' }: Pick<Inventory, 'ksmKey'>): PlannedKsm {
  if (wish.ksm !== 'off') return 'left';
  if (guest.kind === 'container') return { obstacle: 'container' };
  if (wish.class === 'shared') return { obstacle: 'shared' };
  return ksmKey === 'known' ? 'off' : { obstacle: ksmKey };
}

export function* ksmAdvice(inventory: Inventory, wishes: ReadonlyMap<VmId, Wishes>): Generator<Finding> {
  for (const guest of inventory.guests) {
    const wish = wishes.get(guest.vmid);
    const planned = wish ? planKsm(guest, wish, inventory) : 'left';
    if (typeof planned === 'object') yield finding('advice-ksm', 'warning', { vmid: guest.vmid, ...planned });
  }
}
