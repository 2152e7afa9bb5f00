// A plan on a host that is not there, marked as such.
import type { Inventory } from '#domain/inventory.ts';
import type { Infeasible, Plan } from '#domain/plan.ts';
import type { WhatIf } from '#domain/what-if.ts';
import { renderInfeasible } from './infeasible-text.ts';
import { renderMib } from './memory-text.ts';
import { amount } from './outcome-text.ts';
import type { Paint } from './paint.ts';
import { renderGuest, renderProof } from './plan-text.ts';

/** `present`: the plan for the host as it is; `supposed`: the one for `inventory`, which is not. */
export function renderWhatIf(
  whatIfs: readonly WhatIf[],
  { inventory, supposed, present }: { inventory: Inventory; supposed: Plan | Infeasible; present: Plan | Infeasible },
  paint: Paint,
): string {
  const { packages, nodes, llcs, cores, online } = inventory.topology;
  const memoryMiB = inventory.memory.reduce((sum, { totalMiB }) => sum + totalMiB, 0);
  const parts = [
    amount(packages.length, 'package'),
    amount(nodes.length, 'NUMA node'),
    amount(llcs.length, 'LLC domain'),
    amount(cores.length, 'core'),
    amount(online.size, 'CPU'),
    renderMib(memoryMiB),
  ];
  const lines = [
    `${paint.bold(`What if: ${whatIfs.map(whatIf => WHAT_IF_NAMES[whatIf]).join(', ')}`)}${paint.warn('  [hypothetical: nothing of this can be applied]')}`,
    `${inventory.node} would have ${parts.join(', ')}; after its reboot no guest runs yet`,
    '',
  ];
  const head = `${lines.join('\n')}\n`;
  if (supposed.kind === 'infeasible') return head + renderInfeasible(supposed, paint);
  const special = supposed.placement.guests.filter(guest => guest.class !== 'shared');
  const body = [
    ...special.flatMap(guest => renderGuest(guest, supposed, inventory, paint)),
    ...(special.length === 0 ? ['No guest is dedicated or confined: every guest may run on every CPU.', ''] : []),
    renderProof(supposed, paint),
    present.kind === 'infeasible'
      ? 'For the host as it is there is no plan.'
      : `For the host as it is: ${renderProof(present, paint)}`,
  ];
  return `${head}${body.join('\n')}\n`;
}

const WHAT_IF_NAMES: Readonly<Record<WhatIf, string>> = {
  'smt-off': 'SMT off',
  nps1: 'one NUMA node in each package',
  nps4: 'four NUMA nodes in each package',
  '+socket': 'one more package like the last',
};
