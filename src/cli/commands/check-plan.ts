// `berth check-plan FILE`: proves a plan against its host without the planner.

import { encodeJson } from '#contract/read-json.ts';
import { checkJson } from '#contract/verify.ts';
import { renderFindings } from '#report/findings-text.ts';
import { checkPlan } from '#verify/check-plan.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import { readPlanFile } from '../read-plan-file.ts';
import { readState } from '../read-state.ts';

/** 2 when the plan breaks a rule. */
export async function checkPlanFile(context: CommandContext, file: string): Promise<ExitCode> {
  const plan = readPlanFile(file, context.host.simulated);
  const { inventory, ...wanted } = await readState(context.host);
  const findings = checkPlan(plan, inventory, wanted);
  if (context.json) context.print(encodeJson(checkJson, { schema: 'berth/check/1', findings: [...findings] }));
  else if (findings.length === 0)
    context.print(`${context.paint.good('✓')} The plan keeps every hard rule on this host.\n`);
  else context.print(`${renderFindings(findings, context.paint).join('\n')}\n`);
  return findings.length === 0 ? 0 : 2;
}
