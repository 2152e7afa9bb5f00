// `berth plan --what-if`: the plan on a host that is not there.
import { encodeJson } from '#contract/read-json.ts';
import { whatIfJson } from '#contract/what-if.ts';
import type { WhatIf } from '#domain/what-if.ts';
import { suppose } from '#plan/what-if.ts';
import { renderWhatIf } from '#report/what-if-text.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import { provePlan } from '../prove-plan.ts';
import { planInput, readState } from '../read-state.ts';

/** Always 0: a question was answered, whatever the answer. */
export async function planWhatIf(context: CommandContext, whatIf: readonly WhatIf[]): Promise<ExitCode> {
  const { host, paint, print, json } = context;
  const input = planInput(await readState(host), host);
  const inventory = suppose(input.inventory, whatIf);
  const supposed = await provePlan({ ...input, inventory }, context);
  if (!json) {
    print(renderWhatIf(whatIf, { inventory, supposed, present: await provePlan(input, context) }, paint));
    return 0;
  }
  const head = { schema: 'berth/what-if/1' as const, simulated: host.simulated, node: inventory.node, whatIf };
  const { topology } = inventory;
  if (supposed.kind === 'infeasible') print(encodeJson(whatIfJson, { ...head, topology, supposed }));
  else {
    const { kind, placement, explanations, aims, proof } = supposed;
    print(encodeJson(whatIfJson, { ...head, topology, supposed: { kind, placement, explanations, aims, proof } }));
  }
  return 0;
}
