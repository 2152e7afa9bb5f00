// How many hugepages each node needs for the guests that are placed with them, and how many its pools have.
import type { HugepagePool } from '#domain/boot-isolation.ts';
import { type Finding, finding } from '#domain/finding.ts';
import type { Guest } from '#domain/guest.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { GuestPlacement, Placement } from '#domain/placement.ts';

/**
 * Proxmox allocates what is missing when a guest starts, which fails once the node's memory is in pieces: a note for each pool that
 * is smaller than what all its guests need together, running or not.
 */
export function* poolAdvice(
  placement: Placement,
  { guests, memory }: Pick<Inventory, 'guests' | 'memory'>,
): Generator<Finding> {
  for (const { node, sizeKiB, pages, vmids } of poolNeeds(placement, guests)) {
    const pool = memory.find(of => of.node === node)?.hugepages.get(sizeKiB);
    if (pool === undefined || pool.total >= pages) continue;
    yield finding('advice-hugepage-pool', 'note', { node, sizeKiB, needed: pages, total: pool.total, vmids });
  }
}

/** Ascending by node and size. */
export function poolNeeds(placement: Placement, guests: readonly Guest[]): readonly HugepagePool[] {
  const needs = new Map<string, HugepagePool>();
  for (const placed of placement.guests) {
    const sizeMiB = pageMiB(placed, guests);
    if (sizeMiB === null) continue;
    for (const { hostNode: node, memoryMiB } of placed.memory?.parts ?? []) {
      const key = `${node}/${sizeMiB}`;
      const { pages, vmids } = needs.get(key) ?? { pages: 0, vmids: [] };
      const sum = pages + Math.ceil(memoryMiB / sizeMiB);
      needs.set(key, { node, sizeKiB: sizeMiB * 1024, pages: sum, vmids: [...new Set([...vmids, placed.vmid])] });
    }
  }
  return [...needs.values()].sort((a, b) => a.node - b.node || a.sizeKiB - b.sizeKiB);
}

/** Null without hugepages, and with `any`, of which Proxmox chooses the size at the start. */
function pageMiB({ vmid, hugepages }: GuestPlacement, guests: readonly Guest[]): number | null {
  const guest = guests.find(candidate => candidate.vmid === vmid);
  const value = hugepages === undefined ? (guest?.kind === 'vm' ? guest.hugepages : null) : hugepages;
  return value === '2' || value === '1024' ? Number(value) : null;
}
