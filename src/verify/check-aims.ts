// The aims that a plan claims, against what its layout costs.
import { type Finding, finding } from '#domain/finding.ts';
import type { AimName, Plan } from '#domain/plan.ts';
import type { CheckInput, PlacedGuest } from './check-plan.ts';
import { measureAims } from './measure-aims.ts';
import { planLayout } from './plan-layout.ts';

/** They also tell where guests and their memory were when the plan was made, which time changes without harm. */
const OF_THE_MOMENT: ReadonlySet<AimName> = new Set(['memoryElsewhere', 'moves']);

export function* checkAims(plan: Plan, guests: readonly PlacedGuest[], input: CheckInput): Generator<Finding> {
  for (const { aim, value } of measureAims(planLayout(guests, input))) {
    if (OF_THE_MOMENT.has(aim)) continue;
    const claimed = plan.aims.find(candidate => candidate.aim === aim)?.value ?? null;
    if (claimed !== value) yield finding('plan-aims-mismatch', 'error', { aim, claimed, measured: value });
  }
}
