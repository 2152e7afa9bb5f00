// The operator's own values of the config keys that we write, remembered from before we first wrote them.
import type { Guest } from '#domain/guest.ts';
import { isSameGuest } from '#domain/guest.ts';
import type { Placement } from '#domain/placement.ts';
import { nextValue, placementKeys } from '#proxmox/placement-config.ts';

/**
 * From the placement in force when this guest is still the same one, else from its config as it is. `more` are keys that not every
 * placement sets: one that is set for the first time is remembered from now on.
 */
export function foundValues(
  guest: Guest,
  inForce: Placement | null,
  more: readonly string[] = [],
): ReadonlyMap<string, string | null> {
  const placed = inForce?.guests.find(({ vmid }) => vmid === guest.vmid);
  const isSame = placed !== undefined && isSameGuest(placed.identity, guest.identity);
  const known = isSame ? placed.found : new Map<string, string | null>();
  const keys = [...(isSame ? [] : placementKeys(guest.kind)), ...more].filter(key => !known.has(key));
  // In the order in which they were remembered: a placement that is written anew as it was is no change.
  return new Map([...known, ...keys.map(key => [key, nextValue(guest, key)] as const)]);
}
