// Which dedicated guests leave a container with fewer CPUs than it asks for.
import type { VmId } from '#domain/ids.ts';
import type { Infeasible } from '#domain/plan.ts';
import { makeRequest } from './conflict.ts';
import { makeDemands } from './demand.ts';
import { makePlan, type PlanInput } from './make-plan.ts';

/**
 * Names the first such container with the dedicated guests that are in its way: a guest is left out of them when the container
 * has too few CPUs without it. Anything else that is infeasible is returned as it is.
 */
export function nameCrowders(infeasible: Infeasible, input: PlanInput): Infeasible {
  const [container] = infeasible.conflict;
  if (container?.class !== 'shared') return infeasible;
  const threads = Math.max(...input.inventory.topology.cores.map(core => core.cpus.size));
  const demands = makeDemands(input.inventory, input.wishes, 'any').filter(demand => demand.class === 'dedicated');
  let crowders = demands;
  for (const demand of [...demands].reverse()) {
    const without = crowders.filter(other => other !== demand);
    if (
      isCrowded(
        container.vmid,
        without.map(({ vmid }) => vmid),
        input,
      )
    )
      crowders = without;
  }
  return { ...infeasible, conflict: [...crowders.map(demand => makeRequest(demand, threads)), container] };
}

/** Whether the container has too few CPUs when only these guests are dedicated. */
function isCrowded(container: VmId, dedicated: readonly VmId[], input: PlanInput): boolean {
  const wishes = new Map(
    [...input.wishes].map(([vmid, wish]) => [
      vmid,
      dedicated.includes(vmid) ? wish : { ...wish, class: 'shared' as const },
    ]),
  );
  const made = makePlan({ ...input, wishes });
  return made.kind === 'infeasible' && made.conflict.some(({ vmid }) => vmid === container);
}
