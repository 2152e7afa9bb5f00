// Plans one guest on another node, as it would be placed there once it has arrived.
import type { Guest } from '#domain/guest.ts';
import type { VmId } from '#domain/ids.ts';
import type { Inventory, NodeMemory } from '#domain/inventory.ts';
import type { NodeFacts } from '#domain/node-facts.ts';
import type { Infeasible, Plan } from '#domain/plan.ts';
import type { Wishes } from '#domain/policy.ts';
import { makePlan, type PlanInput } from './make-plan.ts';

export interface PlanMoveInput extends Pick<PlanInput, 'housekeeping' | 'isolation'> {
  readonly guest: Guest;
  /** The node as it would be without the guest. */
  readonly there: Inventory;
  /** For the guest and for every guest there. */
  readonly wishes: ReadonlyMap<VmId, Wishes>;
}

/** The guest arrives stopped, so that every change of its config is one of its main section; running processes stay behind. */
export function planMove({ guest, there, ...wanted }: PlanMoveInput): Plan | Infeasible {
  const others = there.guests.filter(({ vmid }) => vmid !== guest.vmid);
  const configPath = guest.configPath.replace(/^\/etc\/pve\/nodes\/[^/]+/, `/etc/pve/nodes/${there.node}`);
  const settled = { configPath, pending: new Map(), raw: nextValues(guest), runtime: null };
  // Where its devices are there, a node does not tell the others.
  const arrived: Guest =
    guest.kind === 'vm' ? { ...guest, ...settled, deviceNodes: new Map() } : { ...guest, ...settled };
  const guests = [...others, arrived].sort((a, b) => a.vmid - b.vmid);
  return makePlan({ ...wanted, inventory: { ...there, guests }, policyDigest: '', through: 'file' });
}

/** The values with which it will next start. */
function nextValues({ raw, pending }: Guest): ReadonlyMap<string, string> {
  const values = new Map(raw);
  for (const [key, value] of pending) value === null ? values.delete(key) : values.set(key, value);
  return values;
}

/** A node as its facts and the cluster's configs tell of it: nothing runs, all memory counts as free, hugepage pools as empty. */
export function makePublishedInventory(
  { node, topology, hugepageSizesKiB }: NodeFacts,
  { guests, placement }: Pick<Inventory, 'guests' | 'placement'>,
): Inventory {
  const pools = new Map([...(hugepageSizesKiB ?? [])].map(size => [size, { total: 0, free: 0 }] as const));
  const memory = topology.nodes.flatMap(({ id, memoryMiB }): NodeMemory[] => {
    if (memoryMiB === null || memoryMiB === 0) return [];
    return [{ node: id, totalMiB: memoryMiB, freeMiB: memoryMiB, availableMiB: memoryMiB, hugepages: pools }];
  });
  return { node, simulated: true, topology, memory, guests, placement, unknown: [] };
}
