// Hosts and guests of the benchmark as the planner and the checker see them: all guests stopped, so that anything may be decided.
import type { VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { Placement } from '#domain/placement.ts';
import type { Wishes } from '#domain/policy.ts';
import { makeVm } from '#fixtures/make-inventory.ts';
import type { PlanInput } from '#plan/make-plan.ts';
import { type BenchHost, HOUSEKEEPING } from './bench-hosts.ts';
import type { BenchVm } from './plan-case.ts';

export function makeBenchInventory(
  { topology, memory }: BenchHost,
  vms: readonly BenchVm[],
  placement: Placement | null,
): Inventory {
  const guests = vms.map(({ vmid, vcpus, memoryMiB, deviceNode }) => {
    const device = deviceNode !== null && { passthrough: true, deviceNodes: new Map([['hostpci0', deviceNode]]) };
    return makeVm(vmid, vcpus, { memoryMiB, ...device });
  });
  return { node: 'pve', simulated: true, topology, memory, guests, placement, unknown: [] };
}

/** What is the same for every guest. */
const WISH = {
  memory: 'preferred',
  emulator: 'housekeeping',
  cache: 'any',
  priority: 0,
  named: true,
} as const;

export const wishesOf = (vms: readonly BenchVm[]): ReadonlyMap<VmId, Wishes> =>
  new Map(vms.map(({ vmid, class: guestClass, smt, span }) => [vmid, { ...WISH, class: guestClass, smt, span }]));

/** With the placement that is in force; null on an empty host. */
export const planInputFor = (
  host: BenchHost,
  vms: readonly BenchVm[],
  placement: Placement | null = null,
): PlanInput => ({
  inventory: makeBenchInventory(host, vms, placement),
  wishes: wishesOf(vms),
  housekeeping: HOUSEKEEPING,
  isolation: 'none',
  policyDigest: '',
  through: 'file',
});
