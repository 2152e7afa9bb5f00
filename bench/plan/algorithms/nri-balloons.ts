// The balloons policy of nri-plugins, with a balloon for each guest.
import { nodeDistance } from '#domain/host-topology.ts';
import { chooseVcpuCpus } from '../choose-vcpu-cpus.ts';
import { cpusToAskFor, freeCpus } from '../free-cpus.ts';
import { makePoolTree, type Pool } from '../nri/pool-tree.ts';
import { takeCpus } from '../nri/take-cpus.ts';
import { pinnedVm } from '../placed-vm.ts';
import type { HostState, PlacedVm, PlacementAlgorithm, VmRequest } from '../placement-algorithm.ts';

type Balance = 'pack' | 'spread';

const makeBalloons = (balance: Balance): PlacementAlgorithm => ({
  name: `nri-balloons-${balance}`,
  label: `nri, balloons, ${balance}`,
  source: `nri-plugins balloons: allocatorTopologyBalancing ${balance === 'spread'}, memory near the CPUs`,
  place: (request, state) => place(request, state, balance),
});

export const nriBalloonsPack = makeBalloons('pack');
export const nriBalloonsSpread = makeBalloons('spread');

function place(request: VmRequest, state: HostState, balance: Balance): PlacedVm | null {
  const free = freeCpus(state);
  const count = cpusToAskFor(request, state.topology);
  const freeIn = (pool: Pool): number => pool.cpus.intersection(free).size;
  const far = (pool: Pool): number => distanceToDevice(pool, request, state);
  const direction = balance === 'pack' ? 1 : -1;
  let pool = makePoolTree(state.topology);
  for (;;) {
    const [next] = pool.children
      .filter(child => freeIn(child) >= count)
      .toSorted((a, b) => far(a) - far(b) || direction * (freeIn(a) - freeIn(b)));
    if (next === undefined) break;
    pool = next;
  }
  const taken = takeCpus(state.topology, free.intersection(pool.cpus), count);
  const vm = taken && pinnedVm(request, state, chooseVcpuCpus(request, taken, state));
  return vm && { ...vm, allowed: taken };
}

function distanceToDevice({ cpus }: Pool, { deviceNode }: VmRequest, { topology }: HostState): number {
  if (deviceNode === null) return 0;
  const around = topology.nodes.filter(node => !node.cpus.isDisjointFrom(cpus));
  return Math.min(...around.map(node => nodeDistance(topology, node.id, deviceNode)));
}
