// Which hugepages a guest is planned with, and why not those that it was to have.
import type { HugepageObstacle } from '#domain/finding.ts';
import type { Guest } from '#domain/guest.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { GuestPlacement } from '#domain/placement.ts';
import type { Wishes } from '#domain/policy.ts';

export type PlannedHugepages =
  /** Whatever its config says stays. */
  | { readonly kind: 'left' }
  | { readonly kind: 'set'; readonly value: NonNullable<GuestPlacement['hugepages']> | null }
  | { readonly kind: 'refused'; readonly obstacle: HugepageObstacle };

const VALUES = { '2M': '2', '1G': '1024', none: null } as const;

/** What is written must start: hugepages of a size that the host has, for memory that is made of them, on nodes that are named. */
export function planHugepages(guest: Guest, wish: Wishes, { memory }: Pick<Inventory, 'memory'>): PlannedHugepages {
  if (wish.hugepages === undefined || wish.class === 'shared') return { kind: 'left' };
  if (guest.kind === 'container') return { kind: 'refused', obstacle: 'container' };
  const value = VALUES[wish.hugepages];
  if (value === null) return { kind: 'set', value };
  if (wish.config === 'runtime') return { kind: 'refused', obstacle: 'runtime' };
  const pageMiB = Number(value);
  if (guest.memoryHotplug) return { kind: 'refused', obstacle: 'memory-hotplug' };
  if (guest.memoryMiB % pageMiB !== 0) return { kind: 'refused', obstacle: 'not-multiple' };
  const isSupported = memory.some(({ hugepages }) => hugepages.has(pageMiB * 1024));
  return isSupported ? { kind: 'set', value } : { kind: 'refused', obstacle: 'unsupported' };
}
