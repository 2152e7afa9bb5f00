// Why there is no plan, and what could be given up.

import type { Relaxation } from '#domain/alternative.ts';
import { encodeIdList } from '#domain/id-list.ts';
import type { Infeasible } from '#domain/plan.ts';
import { renderMib } from './memory-text.ts';
import type { Paint } from './paint.ts';
import { renderRelaxations } from './relaxation-text.ts';

/** `relaxations`: null when they were not looked for. */
export function renderInfeasible(
  result: Infeasible,
  paint: Paint,
  relaxations: readonly Relaxation[] | null = null,
): string {
  const { conflict, available, lack } = result;
  const heading = result.proved ? 'There is no plan' : 'No plan was found, though there may be one';
  const together = conflict.length > 1 ? 'these requests cannot stand together' : 'this request cannot be met';
  const requests = conflict.map(request => {
    const cores = request.cores > 0 ? `, ${request.cores} whole cores` : '';
    return `  ${request.vmid}: ${request.class}, ${request.vcpus} vCPUs${cores}, ${renderMib(request.memoryMiB)}`;
  });
  const memory = [...available.nodeMiB].map(([node, mib]) => `node ${node} ${renderMib(Math.round(mib))}`).join(', ');
  const lines = [
    `${paint.bad(heading)}: ${together}.`,
    ...requests,
    `There is: ${available.cores > 0 ? `${available.cores} cores, ` : ''}CPUs ${encodeIdList(available.cpus)}${memory ? `; memory ${memory}` : ''}.`,
    `${LACKS[lack]}`,
    ...(relaxations ? renderRelaxations(relaxations) : []),
    'Nothing was changed.',
  ];
  return `${lines.join('\n')}\n`;
}

const LACKS: Readonly<Record<Infeasible['lack'], string>> = {
  cores:
    'There are too few cores. Make one of them confined or shared, use "smt: any" instead of "isolate", or keep fewer cores for the host (host.housekeeping.coresPerNode).',
  memory: 'There is too little memory on the nodes. Free some, give the guest less, or leave one of the guests shared.',
  'core-kind': '"smt: pairs" needs cores with two threads; this host has none to give. Use "isolate" or "any".',
  cpus: 'A guest would not have the CPUs that it asks for. Give containers a "cores" limit that fits, or dedicate fewer CPUs.',
  placement:
    'There are cores and memory enough in all, but not in a way that lets every guest have its place. Make one of the guests confined or shared, or give it fewer vCPUs.',
};
