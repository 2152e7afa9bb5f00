// Rules about memory: all of it placed, with every vCPU, on nodes that have it.
import { type Finding, finding } from '#domain/finding.ts';
import type { VmGuest } from '#domain/guest.ts';
import { type HostTopology, nodeDistance } from '#domain/host-topology.ts';
import type { NumaNodeId } from '#domain/ids.ts';
import type { GuestPlacement } from '#domain/placement.ts';
import type { CheckInput, PlacedGuest } from './check-plan.ts';

export function* checkMemory({ guest, placed }: PlacedGuest, input: CheckInput): Generator<Finding> {
  if (placed.memory === null) return;
  const { vmid } = placed;
  const { parts } = placed.memory;
  const plannedMiB = parts.reduce((sum, part) => sum + part.memoryMiB, 0);
  if (plannedMiB !== guest.memoryMiB) {
    yield finding('plan-memory-sum', 'error', { vmid, plannedMiB, configuredMiB: guest.memoryMiB });
  }
  const vcpus = parts.flatMap(part => part.vcpus).sort((a, b) => a - b);
  const coversAll = vcpus.length === placed.vcpus.length && vcpus.every((vcpu, index) => vcpu === index);
  if (!coversAll) yield finding('plan-memory-vcpus', 'error', { vmid });
  for (const part of parts) {
    const cpus = part.vcpus.flatMap(vcpu => placed.vcpus[vcpu]?.ids ?? []);
    const nodes = new Set(cpus.map(cpu => input.inventory.topology.nodes.find(node => node.cpus.has(cpu))?.id));
    const isNear = [...nodes].every(node => node !== undefined && isNearest(part.hostNode, node, input));
    if (!isNear) yield finding('plan-memory-node', 'error', { vmid, node: part.hostNode });
    const isRefused = guest.kind === 'vm' && pagesOf(guest, placed) !== null && part.hostNode > 9;
    if (isRefused) yield finding('plan-hugepages-node', 'error', { vmid, node: part.hostNode });
  }
}

/** The placement's, where it says something of them. */
const pagesOf = (guest: VmGuest, { hugepages }: GuestPlacement): string | null =>
  hugepages === undefined ? guest.hugepages : hugepages;

/** No node with memory is nearer to these CPUs. */
function isNearest(home: NumaNodeId, node: NumaNodeId, { inventory }: CheckInput): boolean {
  const { topology } = inventory;
  const candidates = topology.nodes.filter(candidate => candidate.memoryMiB !== 0);
  const distance = nodeDistance(topology, node, home);
  return (
    candidates.some(candidate => candidate.id === home) &&
    candidates.every(candidate => nodeDistance(topology, node, candidate.id) >= distance)
  );
}

/** What placed guests will hold on a node must be there: available now, or theirs already and not pinned elsewhere. */
export function* checkNodeMemory(guests: readonly PlacedGuest[], { inventory }: CheckInput): Generator<Finding> {
  for (const { node, availableMiB, hugepages } of inventory.memory) {
    const inPools = new Map<number, number>();
    let neededMiB = 0;
    let heldMiB = 0;
    for (const { guest, placed } of guests) {
      if (guest.kind !== 'vm' || placed.class === 'shared') continue;
      const residentMiB = guest.runtime?.residentMiB?.get(node) ?? 0;
      // A device has its pages pinned: what it holds is its own until its next start, wherever it goes then.
      const isPinned = guest.passthrough && guest.runtime !== null;
      const wholeClaim = claimMiB({ guest, placed }, node, inventory.topology);
      const claim = isPinned ? Math.max(0, wholeClaim - residentMiB) : wholeClaim;
      const pages = pagesOf(guest, placed);
      const pageKib = pages === null ? null : pages === '1024' ? 1_048_576 : 2048;
      if (pageKib === null) neededMiB += claim;
      else inPools.set(pageKib, (inPools.get(pageKib) ?? 0) + claim);
      heldMiB += isPinned ? 0 : residentMiB;
    }
    // Hugepages that a pool lacks Proxmox makes from free memory when the guest starts.
    for (const [pageKib, claim] of inPools) {
      const poolMiB = ((hugepages.get(pageKib)?.free ?? 0) * pageKib) / 1024;
      neededMiB += Math.max(0, claim - poolMiB);
    }
    const thereMiB = availableMiB + heldMiB;
    if (neededMiB > thereMiB) yield finding('plan-node-memory-full', 'error', { node, neededMiB, thereMiB });
  }
}

/** Where no memory is placed explicitly, a guest on one node takes all of it there, or from the nearest node that has some. */
function claimMiB({ guest, placed }: PlacedGuest, node: NumaNodeId, topology: HostTopology): number {
  if (placed.memory === null) {
    const [only, ...more] = placed.nodes;
    return only !== undefined && more.length === 0 && homeOf(only, topology) === node ? guest.memoryMiB : 0;
  }
  const parts = placed.memory.parts.filter(part => part.hostNode === node);
  return parts.reduce((sum, part) => sum + part.memoryMiB, 0);
}

function homeOf(node: NumaNodeId, topology: HostTopology): NumaNodeId | undefined {
  const withMemory = topology.nodes.filter(({ memoryMiB }) => memoryMiB !== 0).map(({ id }) => id);
  return withMemory.sort((a, b) => nodeDistance(topology, node, a) - nodeDistance(topology, node, b) || a - b)[0];
}
