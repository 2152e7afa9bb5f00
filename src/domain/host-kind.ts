// What kind of host this is, told from its topology and never by a model name, and how many cores such a host keeps for itself.
import type { Core, HostTopology } from './host-topology.ts';
import { type NumaNodeId, numaNodeId } from './ids.ts';

/**
 * small: too few cores to give any away. hybrid: performance and efficiency cores. large-cache: dies with and without a large cache.
 * split: packages of several nodes. wide: nodes of many cores. plain: all others.
 */
export type HostKind = 'small' | 'hybrid' | 'large-cache' | 'split' | 'wide' | 'plain';

/** With so few cores pinning takes away more than it gives: the scheduler has nowhere to go. */
const SMALL_HOST_CORES = 4;

/** From here on a node can spare a second core, and a split host four. */
const MANY_CORES = 16;

export function hostKind({ cores, llcs, nodes, packages }: HostTopology): HostKind {
  if (cores.length <= SMALL_HOST_CORES) return 'small';
  if (new Set(cores.map(({ kind }) => kind)).size > 1) return 'hybrid';
  if (llcs.some(({ large }) => large === true)) return 'large-cache';
  const withCpus = nodes.filter(({ cpus }) => !cpus.isEmpty);
  const isSplit = packages.some(({ cpus }) => withCpus.filter(node => !node.cpus.isDisjointFrom(cpus)).length > 1);
  if (isSplit && cores.length >= MANY_CORES) return 'split';
  return cores.length >= MANY_CORES * withCpus.length ? 'wide' : 'plain';
}

/** Kernels without NUMA have one node, 0. */
export const nodeOfCore = (core: Core): NumaNodeId => core.node ?? numaNodeId(0);

/** Cores that hold no guest back: efficiency cores on a hybrid, those without the large cache, anywhere else all. */
export function spareCores(topology: HostTopology): readonly Core[] {
  const { cores, llcs } = topology;
  const kind = hostKind(topology);
  if (kind === 'hybrid') return cores.filter(core => core.kind === 'efficiency');
  if (kind !== 'large-cache') return cores;
  const large = llcs.filter(llc => llc.large === true).map(({ id }) => id);
  return cores.filter(({ llc }) => llc === null || !large.includes(llc));
}

/** The floor of every default: one spare core of each node. */
export function leastHousekeeping(topology: HostTopology): ReadonlyMap<NumaNodeId, number> {
  return new Map([...usualHousekeeping(topology)].map(([node, cores]) => [node, Math.min(1, cores)]));
}

/** Spare cores that the host keeps where neither the policy nor its storage asks for more, by node. */
export function usualHousekeeping(topology: HostTopology): ReadonlyMap<NumaNodeId, number> {
  const nodes = [...new Set(spareCores(topology).map(nodeOfCore))].sort((a, b) => a - b);
  const kind = hostKind(topology);
  const inNode = (node: NumaNodeId) => spareCores(topology).filter(core => nodeOfCore(core) === node).length;
  const perNode = kind === 'split' ? Math.ceil(4 / nodes.length) : kind === 'wide' || kind === 'large-cache' ? 2 : 1;
  return new Map(nodes.map(node => [node, kind === 'hybrid' ? inNode(node) : Math.min(perNode, inNode(node))]));
}
