// How far away memory must be at least, because nodes with enough CPUs have too little memory for them.
import { nodeDistance } from '#domain/host-topology.ts';
import type { NumaNodeId } from '#domain/ids.ts';
import type { Problem } from './arrangement.ts';
import type { Demand } from './demand.ts';
import { memoryHome } from './guest-memory.ts';

/**
 * What lean nodes add to `distance`, at least: as long as no guest on a node is lean there, its memory is enough for so many vCPUs
 * of those who need least. If all nodes together have room for too few then, some are lean, and the nearest ways from these are
 * added up.
 */
export function leastLeanDistance({ demands, host, memoryMiB }: Problem): number {
  const dedicated = demands.filter(demand => demand.class === 'dedicated');
  const mibPerVcpu = Math.min(...dedicated.map(leastMiBPerVcpu));
  const nodes = host.topology.nodes.map(({ id }) => {
    const groups = host.groups.filter(({ node }) => node === id);
    const cpus = groups.reduce((sum, { cores, threads }) => sum + cores.length * threads, 0);
    const free = memoryHome(host.topology, id) === id ? memoryMiB.get(id) : undefined;
    const inProportion = free === undefined || mibPerVcpu <= 0 ? cpus : Math.floor(Math.max(0, free) / mibPerVcpu);
    return {
      more: cpus - Math.min(cpus, inProportion),
      room: Math.min(cpus, inProportion),
      farther: wayFrom(id, host),
    };
  });
  const vcpus = dedicated.reduce((sum, demand) => sum + demand.vcpus, 0);
  return leastCover(nodes, vcpus - nodes.reduce((sum, { room }) => sum + room, 0));
}

/** Shares are rounded down to whole MiB. What comes from elsewhere than the free memory is not counted. */
function leastMiBPerVcpu({ memoryMiB, vcpus, pageMiB, pinsPages }: Demand): number {
  return pinsPages || pageMiB > 1 ? 0 : memoryMiB / vcpus - 1;
}

function wayFrom(node: NumaNodeId, { topology }: Problem['host']): number {
  const others = topology.nodes.filter(({ id, memoryMiB }) => id !== node && memoryMiB !== 0);
  return Math.min(...others.map(({ id }) => nodeDistance(topology, node, id))) - nodeDistance(topology, node, node);
}

/** Of the nodes that have so many vCPUs more together, the least that they cost; 0 where all are too few. */
function leastCover(
  nodes: ReadonlyArray<{ readonly more: number; readonly farther: number }>,
  missing: number,
): number {
  if (missing <= 0) return 0;
  let costs: readonly number[] = [0, ...Array<number>(missing).fill(Number.POSITIVE_INFINITY)];
  for (const { more, farther } of nodes.filter(node => node.more > 0)) {
    const known = costs;
    costs = known.map((cost, count) => Math.min(cost, (known[Math.max(0, count - more)] ?? 0) + farther));
  }
  const least = costs[missing] ?? 0;
  return Number.isFinite(least) ? least : 0;
}
