// Our planner on a case: all guests at once, or again at every arrival, with everybody free to move or nobody.
import type { Placement } from '#domain/placement.ts';
import type { Infeasible, Plan } from '#domain/plan.ts';
import type { Solve } from '#plan/linear-model.ts';
import { makePlan, makeProvenPlan } from '#plan/make-plan.ts';
import { planInputFor } from './bench-inventory.ts';
import { type BenchVm, guestsAtTheEnd, type PlanCase } from './plan-case.ts';

/** With the proof, or as far as the work budget goes. */
export const planAtOnce = (planCase: PlanCase, solve: Solve): Promise<Plan | Infeasible> =>
  makeProvenPlan(planInputFor(planCase.host, guestsAtTheEnd(planCase)), solve);

interface Arrived {
  readonly made: Plan | Infeasible;
  /** Guests that were moved, each time counted. */
  readonly moved: number;
}

/**
 * A plan at every arrival, from the layout in force, of which at most so many guests may move; null: all.
 * What is returned is the last plan, or the first that is none.
 */
export function planAtEveryArrival({ host, events }: PlanCase, mostMoves: number | null): Arrived {
  const limit = mostMoves !== null && { mostMoves };
  let vms: readonly BenchVm[] = [];
  let made: Plan | Infeasible = makePlan(planInputFor(host, []));
  let moved = 0;
  for (const event of events) {
    if (made.kind === 'infeasible') break;
    vms = event.kind === 'arrive' ? [...vms, event.vm] : vms.filter(({ vmid }) => vmid !== event.vmid);
    const before = without(made.placement, vms);
    made =
      event.kind === 'arrive'
        ? makePlan({ ...planInputFor(host, vms, before), ...limit })
        : { ...made, placement: before };
    if (made.kind === 'plan') moved += countMoved(before, made.placement);
  }
  return { made, moved };
}

/** A guest that leaves takes nothing but its own placement away. */
const without = (placement: Placement, vms: readonly BenchVm[]): Placement => ({
  ...placement,
  guests: placement.guests.filter(guest => vms.some(({ vmid }) => vmid === guest.vmid)),
});

/** Guests of which a vCPU has another CPU than before. */
function countMoved(before: Placement, after: Placement): number {
  return before.guests.filter(guest => {
    const now = after.guests.find(({ vmid }) => vmid === guest.vmid);
    return now !== undefined && guest.vcpus.some((cpus, n) => now.vcpus[n]?.equals(cpus) !== true);
  }).length;
}
