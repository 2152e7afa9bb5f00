// `berth explain VMID`: why a guest is where the plan puts it.

import type { VmId } from '#domain/ids.ts';
import { HostError } from '#host/host-error.ts';
import { makePlan } from '#plan/make-plan.ts';
import { renderInfeasible } from '#report/infeasible-text.ts';
import { nameOf, renderGuest, renderProof } from '#report/plan-text.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import { planInput, readState } from '../read-state.ts';

export async function explain({ host, paint, print }: CommandContext, vmid: VmId): Promise<ExitCode> {
  const state = await readState(host);
  if (!state.inventory.guests.some(guest => guest.vmid === vmid)) {
    throw new HostError('missing', `There is no guest ${vmid} on node ${state.inventory.node}`);
  }
  const made = makePlan(planInput(state, host));
  if (made.kind === 'infeasible') {
    print(renderInfeasible(made, paint));
    return 1;
  }
  const placed = made.placement.guests.find(guest => guest.vmid === vmid);
  if (!placed)
    print(
      `${vmid} ${nameOf(vmid, state.inventory)}: not placed; it may run on every CPU, as the policy asks for nothing.\n`,
    );
  else print([...renderGuest(placed, made, state.inventory, paint), renderProof(made, paint), ''].join('\n'));
  return 0;
}
