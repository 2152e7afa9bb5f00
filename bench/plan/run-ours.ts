// Our planner on a case: all guests at once, or again at every arrival, with everybody free to move or nobody.
import type { Placement } from '#domain/placement.ts';
import type { Infeasible, Plan } from '#domain/plan.ts';
import { makePlan } from '#plan/make-plan.ts';
import { planInputFor } from './bench-inventory.ts';
import { type BenchVm, guestsAtTheEnd, type PlanCase } from './plan-case.ts';

export const planAtOnce = (planCase: PlanCase): Plan | Infeasible =>
  makePlan(planInputFor(planCase.host, guestsAtTheEnd(planCase)));

/**
 * A plan at every arrival, from the layout in force, of which at most so many guests may move; null: all.
 * What is returned is the last plan, or the first that is none.
 */
export function planAtEveryArrival(
  { host, events }: PlanCase,
  mostMoves: number | null,
): { readonly made: Plan | Infeasible; readonly moved: number } | null {
  let vms: readonly BenchVm[] = [];
  let placement: Placement | null = null;
  let made: Plan | Infeasible | null = null;
  let moved = 0;
  for (const event of events) {
    if (event.kind === 'leave') {
      vms = vms.filter(({ vmid }) => vmid !== event.vmid);
      placement = placement && without(placement, vms);
      continue;
    }
    vms = [...vms, event.vm];
    made = makePlan({ ...planInputFor(host, vms, placement), ...(mostMoves !== null && { mostMoves }) });
    if (made.kind === 'infeasible') return { made, moved };
    moved += countMoved(placement, made.placement);
    placement = made.placement;
  }
  return made && { made, moved };
}

const without = (placement: Placement, vms: readonly BenchVm[]): Placement => ({
  ...placement,
  guests: placement.guests.filter(guest => vms.some(({ vmid }) => vmid === guest.vmid)),
});

/** Guests of which a vCPU has another CPU than before. */
export function countMoved(before: Placement | null, after: Placement): number {
  return (before?.guests ?? []).filter(guest => {
    const now = after.guests.find(({ vmid }) => vmid === guest.vmid);
    return now !== undefined && guest.vcpus.some((cpus, n) => now.vcpus[n]?.equals(cpus) !== true);
  }).length;
}
