// Picks cores for the host: so many, in every NUMA node or in as few as possible.
import { hostKind, nodeOfCore } from '#domain/host-kind.ts';
import type { Core, HostTopology } from '#domain/host-topology.ts';
import { type CpuSet, unionOf } from '#domain/id-set.ts';
import { leastValuableFirst } from './default-housekeeping.ts';

/** each-node: in turn, from the node of the boot core on. together: one node after the other. */
export type Spread = 'each-node' | 'together';

/**
 * Whole cores with all their threads. The boot core is the first, but where it would break up the large cache; in each node the least
 * valuable ones, then the lowest. All cores when there are fewer.
 */
export function reserveCores(topology: HostTopology, count: number, spread: Spread): CpuSet {
  const { first } = topology.online;
  const isBoot = ({ cpus }: Core) => first !== undefined && cpus.has(first) && hostKind(topology) !== 'large-cache';
  const ranked = [...topology.cores].sort(
    (a, b) => Number(isBoot(b)) - Number(isBoot(a)) || leastValuableFirst(topology)(a, b),
  );
  const start = ranked[0] === undefined ? null : nodeOfCore(ranked[0]);
  const nodes = [...new Set(ranked.map(nodeOfCore))].sort((a, b) => Number(b === start) - Number(a === start) || a - b);
  const byNode = nodes.map(node => ranked.filter(core => nodeOfCore(core) === node));
  const order = spread === 'together' ? byNode.flat() : takeInTurn(byNode);
  return unionOf(order.slice(0, count).map(({ cpus }) => cpus));
}

function takeInTurn(byNode: readonly (readonly Core[])[]): readonly Core[] {
  const longest = Math.max(0, ...byNode.map(cores => cores.length));
  return Array.from({ length: longest }, (_, turn) => byNode.flatMap(cores => cores[turn] ?? [])).flat();
}
