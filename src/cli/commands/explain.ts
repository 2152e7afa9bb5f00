// `berth explain VMID`: why a guest is where the plan puts it, and what it would cost elsewhere.
import { explainJson } from '#contract/explain.ts';
import { encodeJson } from '#contract/read-json.ts';
import type { VmId } from '#domain/ids.ts';
import type { Plan } from '#domain/plan.ts';
import { HostError } from '#host/host-error.ts';
import { makeBasis, staleFacts } from '#plan/basis.ts';
import { makeNeighbours } from '#plan/make-neighbours.ts';
import { renderNeighbours } from '#report/neighbours-text.ts';
import { nameOf, renderGuest, renderProof } from '#report/plan-text.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import { provePlan } from '../prove-plan.ts';
import { readPlanFile } from '../read-plan-file.ts';
import { planInput, type ReadState, readState } from '../read-state.ts';
import { showInfeasible } from './plan.ts';

/** `file`: a plan from `berth plan --out`, instead of one that is made now. */
export async function explain(
  context: CommandContext,
  { vmid, file }: { vmid: VmId; file: string | undefined },
): Promise<ExitCode> {
  const { host, paint, print, json } = context;
  const state = await readState(host);
  const { inventory } = state;
  if (!inventory.guests.some(guest => guest.vmid === vmid)) {
    throw new HostError('missing', `There is no guest ${vmid} on node ${inventory.node}`);
  }
  const input = planInput(state, host);
  const plan = file === undefined ? await provePlan(input, context) : readPresentPlan(file, host.simulated, state);
  if (plan.kind === 'infeasible') return showInfeasible(context, { infeasible: plan, input, untried: {} });
  const placed = plan.placement.guests.find(guest => guest.vmid === vmid) ?? null;
  const neighbours = placed ? makeNeighbours(input, plan, placed) : [];
  if (json) {
    const reasons = plan.explanations.find(explanation => explanation.vmid === vmid)?.reasons ?? [];
    const { aims, proof } = plan;
    const head = { schema: 'berth/explain/1' as const, simulated: host.simulated, node: inventory.node };
    print(encodeJson(explainJson, { ...head, vmid, placed, reasons, aims, proof, neighbours }));
  } else if (!placed) {
    print(`${vmid} ${nameOf(vmid, inventory)}: not placed; it may run on every CPU, as the policy asks for nothing.\n`);
  } else {
    const lines = [...renderGuest(placed, plan, inventory, paint), ...renderNeighbours(neighbours, vmid, paint)];
    print([...lines, renderProof(plan, paint), ''].join('\n'));
  }
  return 0;
}

/** @throws HostError when the host is not any more what the plan was made for: its neighbours could not be compared with it. */
function readPresentPlan(file: string, simulated: boolean, { inventory, policyDigest }: ReadState): Plan {
  const plan = readPlanFile(file, simulated);
  const facts = staleFacts(plan.basis, makeBasis(inventory, policyDigest));
  if (facts.length === 0) return plan;
  throw new HostError(
    'refused',
    `The plan in ${file} is stale: ${facts.join('; ')}. Make a new one with \`berth plan\``,
  );
}
