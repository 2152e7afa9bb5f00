// `berth plan`: where every guest belongs, why, and what would change.
import { changesNothing } from '#apply/apply-plan.ts';
import { planFileJson, planOutputJson } from '#contract/plan.ts';
import { encodeJson } from '#contract/read-json.ts';
import { makePlan } from '#plan/make-plan.ts';
import { renderInfeasible } from '#report/infeasible-text.ts';
import { renderPlan } from '#report/plan-text.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import { writeOutputFile } from '../named-file.ts';
import { planInput, readState } from '../read-state.ts';

/** 0 when the host is as planned already, 1 when there is no plan, 2 when something would change. */
export async function plan(context: CommandContext, { out }: { out?: string }): Promise<ExitCode> {
  const { host, paint } = context;
  const state = await readState(host);
  const made = makePlan(planInput(state, host));
  const file = { schema: 'berth/plan/1' as const, simulated: host.simulated, ...made };
  if (context.json) context.print(encodeJson(planOutputJson, file));
  if (made.kind === 'infeasible') {
    if (!context.json) context.print(renderInfeasible(made, paint));
    return 1;
  }
  if (!context.json) context.print(renderPlan(made, state.inventory, paint));
  if (out !== undefined) {
    writeOutputFile(out, encodeJson(planFileJson, { schema: file.schema, simulated: file.simulated, ...made }));
    context.tell(`Wrote ${out}\n`);
  }
  return changesNothing(made, state.inventory) ? 0 : 2;
}
