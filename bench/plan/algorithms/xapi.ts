// XAPI's soft affinity: the nearest set of NUMA nodes that is large enough, and among equals the one with fewest VMs.
import { type HostTopology, type NumaNode, nodeDistance } from '#domain/host-topology.ts';
import { type NodeSet, nodeSet, unionOf } from '#domain/id-set.ts';
import type { NumaNodeId } from '#domain/ids.ts';
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
function chooseNodes(request: VmRequest, state: HostState): Candidate | null {
  const fitting = candidatesOf(state.topology).filter(candidate => isLargeEnough(candidate, request, state));
  const equals = fitting.filter(({ average }) => average === fitting[0]?.average);
  const vmsOn = ({ nodes }: Candidate): number =>
    nodes.reduce((sum, { cpus }) => sum + state.placed.filter(vm => !vm.allowed.isDisjointFrom(cpus)).length, 0);
  const [best] = equals.map(candidate => ({ candidate, vms: vmsOn(candidate) })).toSorted((a, b) => a.vms - b.vms);
  return best?.candidate ?? null;
}

interface Candidate {
  readonly nodes: readonly NumaNode[];
  /** Over all pairs, each node with itself too. */
  readonly average: number;
  readonly largest: number;
}

const candidatesByTopology = new WeakMap<HostTopology, readonly Candidate[]>();

/** Worked out once for a host, as XAPI does: all sets of nodes, near ones first. */
function candidatesOf(topology: HostTopology): readonly Candidate[] {
  const known = candidatesByTopology.get(topology);
  if (known !== undefined) return known;
  const nodes = topology.nodes.filter(node => !node.cpus.isEmpty);
  const candidates = setsOf(nodes)
    .map(set => makeCandidate(topology, set))
    .toSorted((a, b) => a.largest - b.largest || a.average - b.average);
  candidatesByTopology.set(topology, candidates);
  return candidates;
}

function setsOf(nodes: readonly NumaNode[]): readonly (readonly NumaNode[])[] {
  if (nodes.length > MOST_COMBINED) return nodes.map(node => [node]);
  const masks = Array.from({ length: 2 ** nodes.length - 1 }, (_, n) => n + 1);
  return masks.map(mask => nodes.filter((_, bit) => (mask >> bit) % 2 === 1));
}

function makeCandidate(topology: HostTopology, nodes: readonly NumaNode[]): Candidate {
  const distances = nodes.flatMap(a => nodes.map(b => nodeDistance(topology, a.id, b.id)));
  const average = distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
  return { nodes, average, largest: Math.max(...distances) };
}

function isLargeEnough({ nodes }: Candidate, { vcpus, memoryMiB, smt }: VmRequest, state: HostState): boolean {
  const cpus = unionOf(nodes.map(node => node.cpus)).intersection(state.usable);
  const cores = state.topology.cores.filter(core => !core.cpus.isDisjointFrom(cpus)).length;
  const coresNeeded = smt === 'isolate' ? vcpus : Math.ceil(vcpus / threadsPerCore(state.topology));
  const freeMiB = nodes.reduce((sum, node) => sum + (state.freeMiB.get(node.id) ?? 0), 0);
  return freeMiB >= memoryMiB && cpus.size >= vcpus && cores >= coresNeeded;
}

/** Memory interleaves over the nodes. */
function placeOn(request: VmRequest, state: HostState, { nodes }: Candidate): PlacedVm | null {
  const allowed = unionOf(nodes.map(node => node.cpus)).intersection(state.usable);
  const cpus = completeMask(request, allowed, state);
  const ids: NodeSet = nodeSet(nodes.map((node): NumaNodeId => node.id));
  const oneOfEach = nodes.flatMap(node => node.cpus.ids.slice(0, 1));
  const memoryMiB = localMemory(request.memoryMiB, oneOfEach, withMemoryOf(state, ids));
  return memoryMiB && { vmid: request.vmid, cpus, memoryMiB, completed: true, allowed, smt: request.smt };
}
