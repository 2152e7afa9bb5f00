// After departures: how good the layout becomes when only so many guests may move.
import type { Placement } from '#domain/placement.ts';
import type { AimName, AimValue } from '#domain/plan.ts';
import { makePlan } from '#plan/make-plan.ts';
import { planInputFor } from './bench-inventory.ts';
import { firstDifference } from './compare-aims.ts';
import { judgeLayout } from './judge-layout.ts';
import { guestsAtTheEnd, type PlanCase } from './plan-case.ts';

export interface Defragmented {
  /** Guests that might move, at most; null: all of them. */
  readonly mostMoves: number | null;
  /** Where it is first worse than a plan of all guests at once. */
  readonly worse: { readonly aim: AimName; readonly by: number } | null;
}

const MOST_MOVES: readonly (number | null)[] = [0, 1, 2, 4, 8, null];

/** From a layout that came about while nobody was ever moved. */
export function defragment(
  planCase: PlanCase,
  layout: Placement,
  reference: readonly AimValue[],
): readonly Defragmented[] {
  const vms = guestsAtTheEnd(planCase);
  const input = planInputFor(planCase.host, vms, layout);
  return MOST_MOVES.flatMap(mostMoves => {
    const made = makePlan({ ...input, ...(mostMoves !== null && { mostMoves }) });
    if (made.kind === 'infeasible') return [];
    const { aims } = judgeLayout(planCase.host, vms, made.placement);
    return [{ mostMoves, worse: firstDifference(aims, reference) }];
  });
}
