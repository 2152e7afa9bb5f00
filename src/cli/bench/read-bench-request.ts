// What is to be measured: a VM that runs, and a plan that changes something that it can feel while it runs.
import { liveChanges } from '#apply/apply-plan.ts';
import type { VmGuest, VmRuntime } from '#domain/guest.ts';
import type { VmId } from '#domain/ids.ts';
import type { Plan } from '#domain/plan.ts';
import { HostError } from '#host/host-error.ts';
import type { CommandContext } from '../command-context.ts';
import { provePlan } from '../prove-plan.ts';
import { planInput, type ReadState, readState } from '../read-state.ts';

export interface BenchRequest {
  readonly vm: VmGuest;
  readonly runtime: VmRuntime;
  readonly plan: Plan;
  readonly state: ReadState;
}

/** @throws HostError when there is nothing to measure, with the reason and what to do. */
export async function readBenchRequest(context: CommandContext, vmid: VmId): Promise<BenchRequest> {
  const { host } = context;
  if (host.simulated) {
    throw new HostError(
      'refused',
      `Cannot measure on ${host.root}: a captured host stands still. Run \`berth bench\` on the live one, without --root`,
    );
  }
  const state = await readState(host);
  const { inventory } = state;
  const vm = inventory.guests.find(guest => guest.vmid === vmid);
  if (vm === undefined) throw new HostError('missing', `There is no guest ${vmid} on node ${inventory.node}`);
  if (vm.kind === 'container') {
    throw new HostError(
      'refused',
      `Guest ${vmid} is a container: it has no vCPUs to be measured. See \`berth diagnose ${vmid}\``,
    );
  }
  const { runtime } = vm;
  if (runtime === null)
    throw new HostError('refused', `VM ${vmid} does not run: start it, and let it work as it usually does`);
  if (runtime.unreadable !== undefined) {
    throw new HostError('refused', `VM ${vmid} runs, but its threads are not known: ${runtime.unreadable}`);
  }
  const plan = await provePlan(planInput(state, host), context);
  if (plan.kind === 'infeasible')
    throw new HostError('refused', 'There is no plan to be measured: `berth plan` says why');
  if (!liveChanges(plan).some(change => change.vmid === vmid))
    throw new HostError('refused', nothingToFeel(vmid, plan));
  return { vm, runtime, plan, state };
}

function nothingToFeel(vmid: VmId, plan: Plan): string {
  const isPlaced = plan.placement.guests.some(guest => guest.vmid === vmid);
  if (!isPlaced) {
    return `The policy wants nothing for VM ${vmid}. \`berth policy set ${vmid} class=dedicated\`, then measure what that would bring`;
  }
  return plan.changes.some(change => change.vmid === vmid)
    ? `The plan changes only how VM ${vmid} starts: nothing that it could feel while it runs. \`berth plan\` shows it`
    : `VM ${vmid} is as planned already: there is no other placement to compare with. \`berth undo\` first, then measure`;
}
