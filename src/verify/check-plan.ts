// Proves a plan against its host, rule by rule, without the planner.
import type { Finding } from '#domain/finding.ts';
import type { Guest } from '#domain/guest.ts';
import type { VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import { type GuestPlacement, type Placement, reservedCpus } from '#domain/placement.ts';
import type { Plan } from '#domain/plan.ts';
import type { Housekeeping, Wishes } from '#domain/policy.ts';
import { checkAims } from './check-aims.ts';
import { checkChanges } from './check-changes.ts';
import { checkCpus } from './check-cpus.ts';
import { checkGuestFits, checkOthersKeptOff, checkWishes } from './check-guests.ts';
import { checkHousekeeping } from './check-housekeeping.ts';
import { checkMemory, checkNodeMemory } from './check-memory.ts';

/** What every rule may look at. */
export interface CheckInput {
  readonly inventory: Inventory;
  readonly placement: Placement;
  readonly wishes: ReadonlyMap<VmId, Wishes>;
  /** CPU → the one guest that may run there. */
  readonly reserved: ReturnType<typeof reservedCpus>;
}

/** A placed guest with its configuration. */
export interface PlacedGuest {
  readonly guest: Guest;
  readonly placed: GuestPlacement;
}

/** What the policy asks for: of the host, and for each guest. */
export interface Wanted {
  readonly housekeeping: Housekeeping;
  readonly wishes: ReadonlyMap<VmId, Wishes>;
}

/** Every hard rule that the plan breaks; empty for a sound plan. */
export function checkPlan(plan: Plan, inventory: Inventory, { housekeeping, wishes }: Wanted): readonly Finding[] {
  const { placement } = plan;
  const input: CheckInput = { inventory, placement, wishes, reserved: reservedCpus(placement, inventory.topology) };
  const known = placement.guests.flatMap((placed): PlacedGuest[] => {
    const guest = inventory.guests.find(({ vmid, kind }) => vmid === placed.vmid && kind === placed.kind);
    return guest ? [{ guest, placed }] : [];
  });
  return [
    ...checkWishes(input),
    ...checkOthersKeptOff(input),
    ...checkHousekeeping(housekeeping, input),
    ...checkCpus(known, input),
    ...known.flatMap(pair => [...checkGuestFits(pair, input), ...checkMemory(pair, input)]),
    ...checkNodeMemory(known, input),
    ...checkAims(plan, known, input),
    ...checkChanges(plan, inventory),
  ];
}
