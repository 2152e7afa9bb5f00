// Which wishes hold for each guest: its own entry, else the tags that opt it in, else the defaults.
import type { Guest } from '#domain/guest.ts';
import type { VmId } from '#domain/ids.ts';
import type { Policy, Wishes } from '#domain/policy.ts';
import { GUEST_DEFAULTS } from './parse-policy.ts';

/**
 * Tags are taken in the order of the policy file; a guest's own entry overrides them key by key.
 * A VM that is `travelling` (see `parseHaTravelling`) is placed at run time only, unless somebody says otherwise.
 * Only registered tags count (`registered-tags` in datacenter.cfg): any other tag can be set by users who are not root.
 */
export function makeWishes(
  policy: Policy,
  guests: readonly Guest[],
  registeredTags: ReadonlySet<string>,
  travelling: ReadonlySet<VmId> = new Set(),
): ReadonlyMap<VmId, Wishes> {
  return new Map(
    guests.map(guest => {
      const fromTags = [...policy.tags]
        .filter(([tag]) => guest.tags.includes(tag) && registeredTags.has(tag))
        .map(([, wishes]) => wishes);
      const own = policy.guests.get(guest.vmid);
      const named = own !== undefined || fromTags.length > 0;
      const travels = guest.kind === 'vm' && travelling.has(guest.vmid);
      return [
        guest.vmid,
        { ...GUEST_DEFAULTS, ...(travels && { config: 'runtime' }), ...Object.assign({}, ...fromTags), ...own, named },
      ];
    }),
  );
}
