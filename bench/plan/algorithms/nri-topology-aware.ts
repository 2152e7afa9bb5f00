// The topology-aware policy of nri-plugins for a guest with exclusive CPUs.
import { type CpuSet, type NodeSet, nodeSet } from '#domain/id-set.ts';
import { chooseVcpuCpus } from '../choose-vcpu-cpus.ts';
import { cpusToAskFor, freeCpus } from '../free-cpus.ts';
import { makePoolTree, type Pool, poolsUnder } from '../nri/pool-tree.ts';
import { takeCpus } from '../nri/take-cpus.ts';
import { pinnedVm, withMemoryOf } from '../placed-vm.ts';
import type { HostState, PlacementAlgorithm, VmRequest } from '../placement-algorithm.ts';

export const nriTopologyAware: PlacementAlgorithm = {
  name: 'nri-topology-aware',
  label: 'nri, topology-aware',
  source: 'nri-plugins topology-aware: exclusive CPUs, no colocation of pods',
  place: (request, state) => {
    const free = freeCpus(state);
    const count = cpusToAskFor(request, state.topology);
    const scores = poolsUnder(makePoolTree(state.topology)).map(pool => score(pool, request, { state, free, count }));
    const [best] = scores.filter(({ left, holdsMemory }) => left >= 0 && holdsMemory).toSorted(compareScores);
    const taken = best === undefined ? null : takeCpus(state.topology, free.intersection(best.pool.cpus), count);
    if (best === undefined || taken === null) return null;
    const vm = pinnedVm(request, withMemoryOf(state, best.nodes), chooseVcpuCpus(request, taken, state));
    return vm && { ...vm, allowed: taken };
  },
};

interface Score {
  readonly pool: Pool;
  readonly nodes: NodeSet;
  /** Free CPUs of the pool when the guest has its own. */
  readonly left: number;
  readonly holdsMemory: boolean;
  /** 1 where the device is near, less the more the pool reaches beyond its node; 0 elsewhere. */
  readonly hint: number;
}

interface Moment {
  readonly state: HostState;
  readonly free: CpuSet;
  readonly count: number;
}

function score(pool: Pool, { memoryMiB, deviceNode }: VmRequest, { state, free, count }: Moment): Score {
  const around = state.topology.nodes.filter(node => !node.cpus.isDisjointFrom(pool.cpus));
  const freeMiB = around.reduce((sum, node) => sum + (state.freeMiB.get(node.id) ?? 0), 0);
  const near = around.find(node => node.id === deviceNode);
  return {
    pool,
    nodes: nodeSet(around.map(node => node.id)),
    left: pool.cpus.intersection(free).size - count,
    holdsMemory: freeMiB >= memoryMiB,
    hint: near === undefined ? 0 : pool.cpus.intersection(near.cpus).size / pool.cpus.size,
  };
}

/** A pool that keeps something to share, the better hint, fewer memory nodes, the deeper pool, the emptier one, the lower one. */
function compareScores(a: Score, b: Score): number {
  return (
    Number(b.left > 0) - Number(a.left > 0) ||
    b.hint - a.hint ||
    a.nodes.size - b.nodes.size ||
    b.pool.depth - a.pool.depth ||
    b.left - a.left
  );
}
