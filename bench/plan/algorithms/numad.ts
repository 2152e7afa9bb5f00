// numad's advice for a guest that is about to start, as libvirt's automatic placement asks for it.
import { nodeDistance } from '#domain/host-topology.ts';
import { nodeSet, unionOf } from '#domain/id-set.ts';
import type { NumaNodeId } from '#domain/ids.ts';
import { freeCpus } from '../free-cpus.ts';
import { maskedVm, withMemoryOf } from '../placed-vm.ts';
import type { HostState, PlacementAlgorithm, VmRequest } from '../placement-algorithm.ts';

/** A whole CPU; a second thread of a core counts as a fifth of one. */
const CPU = 100;
const SECOND_THREAD = 20;
const MARGIN_MIB = 100;

/** libvirt binds memory to the advised nodes strictly. CPUs of placed guests count as busy, as if they had been measured. */
export const numad: PlacementAlgorithm = {
  name: 'numad',
  label: 'numad',
  source: 'libvirt placement=auto with numad pick_numa_nodes',
  place: (request, state) => {
    const advised = nodeSet(pickNodes(request, state));
    const nodes = state.topology.nodes.filter(node => advised.has(node.id));
    const mask = unionOf(nodes.map(node => node.cpus)).intersection(state.usable);
    return maskedVm(request, withMemoryOf(state, advised), mask);
  },
};

/** Amounts in hundredths of a CPU and MiB. */
interface NodeSupply {
  readonly id: NumaNodeId;
  readonly cpus: number;
  readonly allCpus: number;
  readonly mib: number;
  readonly allMiB: number;
  readonly magnitude: number;
}

/**
 * Every node as a start, the others by distance and then by magnitude; the start with the largest sum of magnitude over
 * squared distance wins. Then nodes in that order until CPUs and memory are covered.
 */
function pickNodes(request: VmRequest, state: HostState): readonly NumaNodeId[] {
  const supplies = makeSupplies(request, state);
  const [first] = supplies;
  if (first === undefined) return [];
  const forMemory = Math.ceil(request.memoryMiB / Math.max(1, first.allMiB));
  const forCpus = Math.ceil((request.vcpus * CPU) / Math.max(1, first.allCpus));
  const fewest = Math.min(supplies.length, Math.max(forMemory, forCpus));
  const distance = (a: NodeSupply, b: NodeSupply): number => nodeDistance(state.topology, a.id, b.id);
  const chains = supplies.map(start => {
    const chain = supplies.toSorted((a, b) => distance(a, start) - distance(b, start) || b.magnitude - a.magnitude);
    const sum = chain
      .slice(0, fewest)
      .reduce((total, node) => total + Math.floor(node.magnitude / distance(node, start) ** 2), 0);
    return { chain, sum };
  });
  const [best] = chains.toSorted((a, b) => b.sum - a.sum);
  return coverRequest(request, best?.chain ?? [], fewest);
}

function makeSupplies({ vcpus, memoryMiB }: VmRequest, state: HostState): readonly NodeSupply[] {
  const free = freeCpus(state);
  const { nodes, cores } = state.topology;
  return nodes
    .filter(node => !node.cpus.isEmpty && (node.memoryMiB ?? 0) > 0)
    .map(node => {
      const inNode = cores.filter(core => core.node === node.id);
      const secondThreads = inNode.reduce((sum, core) => sum + core.cpus.size - 1, 0);
      const idle = node.cpus.intersection(free).size * CPU - secondThreads * (CPU - SECOND_THREAD);
      const cpus = Math.max(1, idle);
      const mib = state.freeMiB.get(node.id) ?? 0;
      const magnitude =
        weigh(mib, memoryMiB, { needed: 10, beyond: 4 }) * weigh(cpus, vcpus * CPU, { needed: 6, beyond: 1 });
      const allCpus = inNode.length * CPU + secondThreads * SECOND_THREAD;
      return { id: node.id, cpus, allCpus, mib, allMiB: node.memoryMiB ?? 0, magnitude };
    });
}

/** What is needed counts more than what there is beyond it, but that counts, too. */
const weigh = (has: number, wanted: number, weight: { readonly needed: number; readonly beyond: number }): number =>
  weight.needed * Math.min(has, wanted) + weight.beyond * Math.max(0, has - wanted);

function coverRequest(
  { vcpus, memoryMiB }: VmRequest,
  chain: readonly NodeSupply[],
  fewest: number,
): readonly NumaNodeId[] {
  let mib = memoryMiB;
  let cpus = vcpus * CPU;
  const picked: NumaNodeId[] = [];
  for (const node of chain) {
    if (picked.length >= fewest && mib <= 0 && cpus <= 0) break;
    picked.push(node.id);
    mib = node.mib >= mib + MARGIN_MIB ? 0 : mib - (node.mib - MARGIN_MIB);
    cpus = Math.max(0, cpus - node.cpus);
  }
  return picked;
}
