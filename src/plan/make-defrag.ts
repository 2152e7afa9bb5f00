// Defragmentation: what each further moved guest gains, until nothing is gained any more.
import type { DefragStep } from '#domain/defrag.ts';
import type { VmId } from '#domain/ids.ts';
import { AIMS, type Infeasible, type Plan } from '#domain/plan.ts';
import { comparePlans } from './compare-plans.ts';
import { makeDemands } from './demand.ts';
import { makePlan, type PlanInput } from './make-plan.ts';
import { leavesItsPlace } from './moved-guests.ts';

/** Up to here every number of moves is tried, beyond it some. */
const EACH_UP_TO = 8;
const GROWTH = 1.5;

/**
 * Steps by number of moves, each better than the one before; the first is the layout that moves nobody, where there is one.
 * `mostMoves` null: as many as help. Empty when there is no plan within that limit.
 */
export function makeDefrag(input: PlanInput, mostMoves: number | null): readonly DefragStep[] {
  const all = makeDemands(input.inventory, input.wishes, 'any').length;
  const limits = listLimits(Math.min(mostMoves ?? all, all));
  const best = planWith(input, limits.at(-1) ?? 0);
  if (best.kind === 'infeasible') return [];
  const steps: DefragStep[] = [];
  let reference: Plan | null = null;
  let before: Plan | null = null;
  for (const limit of limits) {
    const made = planWith(input, limit);
    if (made.kind === 'infeasible' || (before !== null && compareLayouts(made, before) >= 0)) continue;
    reference ??= made;
    before = made;
    const outcome = comparePlans(reference, made, input);
    steps.push({ mostMoves: limit, vmids: movedGuests(made, input), outcome });
    if (compareLayouts(made, best) <= 0) break;
  }
  return steps;
}

/** Guests that leave their caches, or their nodes. */
export function movedGuests({ placement }: Plan, { inventory, wishes }: PlanInput): readonly VmId[] {
  const demands = makeDemands(inventory, wishes, 'any');
  return demands
    .filter(demand => {
      const placed = placement.guests.find(({ vmid }) => vmid === demand.vmid);
      return (
        placed !== undefined &&
        leavesItsPlace(placed, demand, { topology: inventory.topology, housekeeping: placement.housekeeping })
      );
    })
    .map(({ vmid }) => vmid)
    .sort((a, b) => a - b);
}

const planWith = (input: PlanInput, mostMoves: number): Plan | Infeasible => makePlan({ ...input, mostMoves });

/** 0, 1, 2, … and then in growing steps up to the last. */
function listLimits(last: number): readonly number[] {
  const limits: number[] = [];
  for (let limit = 0; limit < last; limit = limit < EACH_UP_TO ? limit + 1 : Math.ceil(limit * GROWTH))
    limits.push(limit);
  return [...limits, last];
}

/** By all aims but the moves themselves: below zero when the first is better. */
function compareLayouts(a: Plan, b: Plan): number {
  for (const aim of AIMS) {
    if (aim === 'moves') continue;
    const value = ({ aims }: Plan) => aims.find(candidate => candidate.aim === aim)?.value ?? 0;
    if (value(a) !== value(b)) return value(a) - value(b);
  }
  return 0;
}
