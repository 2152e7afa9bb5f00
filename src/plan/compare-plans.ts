// Judges another plan, or that there is none, against the plan that was chosen.
import type { AimDifference, Outcome } from '#domain/alternative.ts';
import type { NodeSet } from '#domain/id-set.ts';
import type { VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import { type Placement, reservedCpus } from '#domain/placement.ts';
import { AIMS, type AimName, type AimValue, type Infeasible, type Plan } from '#domain/plan.ts';
import type { Wishes } from '#domain/policy.ts';
import { makeDemands } from './demand.ts';
import { type GuestCosts, guestCosts } from './guest-costs.ts';

export interface CompareInput {
  readonly inventory: Inventory;
  readonly wishes: ReadonlyMap<VmId, Wishes>;
  /** Nodes on whose memory it depends whether the other plan is possible; absent: all. */
  readonly nodes?: NodeSet;
}

export function comparePlans(chosen: Plan, other: Plan | Infeasible, input: CompareInput): Outcome {
  if (other.kind === 'infeasible') return makeImpossible(other, input.nodes);
  const taken = (placement: Placement) => reservedCpus(placement, input.inventory.topology).size;
  return {
    kind: 'possible',
    differences: makeDifferences(chosen, other, input),
    aims: other.aims,
    reservedCpus: taken(other.placement) - taken(chosen.placement),
    proof: other.proof,
  };
}

/** Better outcomes first, by the first aim in which they differ; impossible ones last. */
export function compareOutcomes(a: Outcome, b: Outcome): number {
  if (a.kind === 'impossible' || b.kind === 'impossible')
    return Number(b.kind === 'possible') - Number(a.kind === 'possible');
  for (const aim of AIMS) {
    const difference = aimValue(a.aims, aim) - aimValue(b.aims, aim);
    if (difference !== 0) return difference;
  }
  return 0;
}

const aimValue = (aims: readonly AimValue[], name: AimName): number => aims.find(({ aim }) => aim === name)?.value ?? 0;

function makeDifferences(chosen: Plan, other: Plan, input: CompareInput): readonly AimDifference[] {
  const before = costsByGuest(chosen.placement, input);
  const after = costsByGuest(other.placement, input);
  return AIMS.flatMap((aim): AimDifference[] => {
    const by = aimValue(other.aims, aim) - aimValue(chosen.aims, aim);
    if (by === 0) return [];
    const vmids = [...after].flatMap(([vmid, costs]) => {
      const more = (costs[aim] ?? 0) - (before.get(vmid)?.[aim] ?? 0);
      return Math.sign(more) === Math.sign(by) ? [vmid] : [];
    });
    return [{ aim, by, vmids }];
  });
}

function costsByGuest(
  { guests, housekeeping }: Placement,
  { inventory, wishes }: CompareInput,
): ReadonlyMap<VmId, GuestCosts> {
  const demands = new Map(makeDemands(inventory, wishes, 'any').map(demand => [demand.vmid, demand]));
  const placed = guests.filter(guest => guest.class !== 'shared');
  const host = { topology: inventory.topology, housekeeping };
  return new Map(placed.map(guest => [guest.vmid, guestCosts(guest, host, demands.get(guest.vmid))]));
}

function makeImpossible({ lack, conflict, available, proved }: Infeasible, nodes?: NodeSet): Outcome {
  const there = [...available.nodeMiB].filter(([node]) => nodes?.has(node) ?? true);
  const thereMiB = Math.round(there.reduce((sum, [, mib]) => sum + Math.max(0, mib), 0));
  const neededMiB = conflict.reduce((sum, request) => sum + request.memoryMiB, 0);
  return {
    kind: 'impossible',
    lack,
    vmids: conflict.map(({ vmid }) => vmid),
    memory: lack === 'memory' ? { neededMiB, thereMiB } : null,
    proved,
  };
}
