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
  const guests = vms.map(({ vmid, vcpus, memoryMiB }) => makeVm(vmid, vcpus, { memoryMiB }));
  return { node: 'pve', simulated: true, topology, memory, guests, placement, unknown: [] };
}

export const wishesOf = (vms: readonly BenchVm[]): ReadonlyMap<VmId, Wishes> =>
  new Map(
    vms.map(({ vmid, class: guestClass, smt, span }) => [
      vmid,
      { class: guestClass, smt, span, memory: 'preferred', emulator: 'housekeeping', priority: 0, named: true },
    ]),
  );

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
