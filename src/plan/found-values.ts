// The operator's own values of the config keys that we write, remembered from before we first wrote them.
import type { Guest } from '#domain/guest.ts';
import { isSameGuest } from '#domain/guest.ts';
import type { Placement } from '#domain/placement.ts';
import { nextValue, placementKeys } from '#proxmox/placement-config.ts';

/** From the placement in force when this guest is still the same one, else from its config as it is. */
export function foundValues(guest: Guest, inForce: Placement | null): ReadonlyMap<string, string | null> {
  const placed = inForce?.guests.find(({ vmid }) => vmid === guest.vmid);
  if (placed && isSameGuest(placed.identity, guest.identity)) return placed.found;
  return new Map(placementKeys(guest.kind).map(key => [key, nextValue(guest, key)]));
}
