// XAPI's soft affinity: the nearest set of NUMA nodes that is large enough, and among equals the one with fewest VMs.
import { type HostTopology, type NumaNode, nodeDistance } from '#domain/host-topology.ts';
import { type CpuSet, nodeSet, unionOf } from '#domain/id-set.ts';
import { completeMask } from '../choose-vcpu-cpus.ts';
import { threadsPerCore } from '../free-cpus.ts';
import { localMemory } from '../local-memory.ts';
import { withMemoryOf } from '../placed-vm.ts';
import type { HostState, PlacedVm, PlacementAlgorithm, VmRequest } from '../placement-algorithm.ts';

/** With more nodes it looks at single ones only. */
const MOST_COMBINED = 16;

export const xapi: PlacementAlgorithm = {
  name: 'xapi',
  label: 'XAPI soft affinity',
  source: 'xen-api Softaffinity.plan',
  place: (request, state) => {
    const chosen = chooseNodes(request, state);
    return chosen && placeOn(request, state, chosen);
  },
};

/** It counts VMs on each node, not their vCPUs; CPUs that others have are as good as free ones. */
function chooseNodes({ vcpus, memoryMiB, smt }: VmRequest, state: HostState): Candidate | null {
  const { topology, usable, freeMiB, placed } = state;
  const nodes = nodesWithCpus(topology);
  const mib = nodes.map(node => freeMiB.get(node.id) ?? 0);
  const cpus = nodes.map(node => node.cpus.intersection(usable).size);
  const cores = nodes.map(node => coresIn(topology, node.cpus.intersection(usable)));
  const vms = nodes.map(node => placed.filter(vm => !vm.allowed.isDisjointFrom(node.cpus)).length);
  const coresNeeded = smt === 'isolate' ? vcpus : Math.ceil(vcpus / threadsPerCore(topology));
  const fitting = candidatesOf(topology).filter(
    ({ nodes: set }) => sum(mib, set) >= memoryMiB && sum(cpus, set) >= vcpus && sum(cores, set) >= coresNeeded,
  );
  const equals = fitting.filter(({ average }) => average === fitting[0]?.average);
  const [best] = equals.toSorted((a, b) => sum(vms, a.nodes) - sum(vms, b.nodes));
  return best ?? null;
}

const nodesWithCpus = ({ nodes }: HostTopology): readonly NumaNode[] => nodes.filter(node => !node.cpus.isEmpty);

const coresIn = ({ cores }: HostTopology, cpus: CpuSet): number =>
  cores.filter(core => core.cpus.ids.some(cpu => cpus.has(cpu))).length;

/** A loop, because it runs for tens of thousands of sets. */
function sum(amounts: readonly number[], indexes: readonly number[]): number {
  let total = 0;
  for (const index of indexes) total += amounts[index] ?? 0;
  return total;
}

interface Candidate {
  /** Indexes among the nodes with CPUs. */
  readonly nodes: readonly number[];
  /** Over all pairs, each node with itself too. */
  readonly average: number;
  readonly largest: number;
}

const candidatesByTopology = new WeakMap<HostTopology, readonly Candidate[]>();

/** Worked out once for a host, as XAPI does: all sets of nodes, near ones first. */
function candidatesOf(topology: HostTopology): readonly Candidate[] {
  const known = candidatesByTopology.get(topology);
  if (known !== undefined) return known;
  const nodes = nodesWithCpus(topology);
  const distances = nodes.map(from => nodes.map(to => nodeDistance(topology, from.id, to.id)));
  const candidates = setsOf(nodes.length)
    .map(set => makeCandidate(set, distances))
    .toSorted((a, b) => a.largest - b.largest || a.average - b.average);
  candidatesByTopology.set(topology, candidates);
  return candidates;
}

function setsOf(count: number): readonly (readonly number[])[] {
  const indexes = Array.from({ length: count }, (_, index) => index);
  if (count > MOST_COMBINED) return indexes.map(index => [index]);
  const masks = Array.from({ length: 2 ** count - 1 }, (_, n) => n + 1);
  return masks.map(mask => indexes.filter(index => (mask >> index) % 2 === 1));
}

function makeCandidate(nodes: readonly number[], distances: readonly (readonly number[])[]): Candidate {
  const between = nodes.flatMap(from => nodes.map(to => distances[from]?.[to] ?? 0));
  const average = between.reduce((total, distance) => total + distance, 0) / between.length;
  return { nodes, average, largest: Math.max(...between) };
}

/** Memory interleaves over the nodes. */
function placeOn(request: VmRequest, state: HostState, chosen: Candidate): PlacedVm | null {
  const nodes = nodesWithCpus(state.topology).filter((_, index) => chosen.nodes.includes(index));
  const allowed = unionOf(nodes.map(node => node.cpus)).intersection(state.usable);
  const cpus = completeMask(request, allowed, state);
  const oneOfEach = nodes.flatMap(node => node.cpus.ids.slice(0, 1));
  const here = withMemoryOf(state, nodeSet(nodes.map(node => node.id)));
  const memoryMiB = localMemory(request.memoryMiB, oneOfEach, here);
  return memoryMiB && { vmid: request.vmid, cpus, memoryMiB, completed: true, allowed, smt: request.smt };
}
