// Shapes of guests that span nodes, with less memory on some of these than their vCPUs' share: where it does not fit in proportion.
import { type HostTopology, nodeDistance } from '#domain/host-topology.ts';
import type { NumaNodeId } from '#domain/ids.ts';
import type { Demand } from './demand.ts';
import { fairShare, memoryHome } from './guest-memory.ts';
import { LEAST_PART_MIB, type LeanClaim, type LeanPart } from './lean-memory.ts';
import type { HostModel, Shape } from './shapes.ts';

/** The shape with every choice of nodes that are lean; one of its nodes never is. */
export function* leanShapes(shape: Shape, demand: Demand, host: HostModel): Generator<Shape> {
  if (!demand.mayBeLean || shape.memoryMiB.size < 2) return;
  const homes = [...shape.memoryMiB.keys()];
  for (let choice = 1; choice < 2 ** homes.length - 1; choice++) {
    const lean = leanShape(
      shape,
      homes.filter((_, at) => (choice >> at) % 2 === 1),
      { demand, host },
    );
    if (lean !== null) yield lean;
  }
}

/** Null when a share is too small to be made smaller, or when all of the memory would be lean. */
export function leanShape(
  shape: Shape,
  lean: readonly NumaNodeId[],
  { demand, host }: { demand: Demand; host: HostModel },
): Shape | null {
  const { topology } = host;
  const full = [...shape.memoryMiB.keys()].filter(home => !lean.includes(home));
  if (!demand.mayBeLean || lean.length === 0 || full.length === 0) return null;
  const parts = [...vcpusByHome(shape, host)].map(([node, vcpus]): LeanPart => {
    const shareMiB = fairShare(demand, vcpus);
    const isLean = lean.includes(node);
    const leastMiB = isLean ? LEAST_PART_MIB : shareMiB;
    const mostMiB = isLean ? shareMiB - 1 : demand.memoryMiB;
    const wishedMiB = Math.max(leastMiB, Math.min(mostMiB, demand.presentMiB.get(node) ?? shareMiB));
    return { node, isLean, leastMiB, mostMiB, wishedMiB };
  });
  if (parts.some(({ leastMiB, mostMiB }) => leastMiB > mostMiB)) return null;
  const claim: LeanClaim = { totalMiB: demand.memoryMiB, parts };
  const [nodes, distance, ...others] = shape.cost;
  const farther = beyondLean(shape.nodes, { lean, full }, topology);
  return { ...shape, lean: claim, cost: [nodes, distance + farther, ...others] };
}

/** From a lean node memory is reached on the next one, as from a node without any: how much farther that is, for all nodes together. */
export function beyondLean(
  nodes: readonly NumaNodeId[],
  { lean, full }: { lean: readonly NumaNodeId[]; full: readonly NumaNodeId[] },
  topology: HostTopology,
): number {
  const farther = nodes.map(node => {
    const home = memoryHome(topology, node);
    if (!lean.includes(home)) return 0;
    return Math.min(...full.map(other => nodeDistance(topology, node, other))) - nodeDistance(topology, node, home);
  });
  return farther.reduce((sum, far) => sum + far, 0);
}

/** Nodes that hold less than their vCPUs' share in the placement in force. */
export function presentLean(shape: Shape, demand: Demand, host: HostModel): readonly NumaNodeId[] {
  return [...vcpusByHome(shape, host)].flatMap(([home, vcpus]) => {
    const shareMiB = fairShare(demand, vcpus);
    return (demand.presentMiB.get(home) ?? shareMiB) < shareMiB ? [home] : [];
  });
}

function vcpusByHome({ parts }: Shape, { topology }: HostModel): ReadonlyMap<NumaNodeId, number> {
  const vcpus = new Map<NumaNodeId, number>();
  for (const part of parts) {
    const home = memoryHome(topology, part.group.node);
    vcpus.set(home, (vcpus.get(home) ?? 0) + part.vcpus);
  }
  return vcpus;
}
