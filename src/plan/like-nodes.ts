// Which nodes are as good as each other for guests that know none of them.
import type { NumaNodeId } from '#domain/ids.ts';
import type { Problem } from './arrangement.ts';
import { nodeSignature } from './bins.ts';
import type { Demand } from './demand.ts';

/** Nodes with the same text have equal caches, equal memory and equal hugepages; their distances are not compared. */
export function nodeLikeness({ host, memoryMiB }: Problem, node: NumaNodeId): string {
  const pools = [...host.poolMiB].filter(([key]) => key.startsWith(`${node}/`)).map(([, mib]) => mib);
  return [nodeSignature(host, node), memoryMiB.get(node), ...pools].join(' ');
}

/** Whether it matters to the guest which of equal nodes it is on. */
export const knowsNodes = (demand: Demand): boolean =>
  !demand.present.isEmpty ||
  demand.presentNodes.size > 0 ||
  demand.residentMiB.size > 0 ||
  demand.deviceNodes.length > 0 ||
  demand.allowedNodes !== null ||
  demand.allowedLlcs !== null ||
  demand.pageMiB > 1;
