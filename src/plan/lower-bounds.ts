// What each guest costs at least, wherever the others stand.
import { AIMS, type AimName } from '#domain/plan.ts';
import { addCost, costsByName, NOTHING } from './aim-values.ts';
import { emptyRoom, type Problem } from './arrangement.ts';
import { room, UNUSED } from './capacity.ts';
import type { Demand } from './demand.ts';
import { shapesOf } from './every-shape.ts';
import { memoryHome } from './guest-memory.ts';
import { distanceWithin } from './node-sets.ts';
import type { AdditiveCost, HostModel, Room } from './shapes.ts';

/** `bounds[i]`: what demands i, i+1, … cost at least, each alone on the empty host; null when one does not even fit alone. */
export function lowerBounds({ demands, host, memoryMiB }: Problem): AdditiveCost[] | null {
  const empty = emptyRoom({ host, memoryMiB });
  const bounds: AdditiveCost[] = [NOTHING];
  const known = new Map<string, AdditiveCost>();
  for (const demand of [...demands].reverse()) {
    const key = needsOf(demand);
    const alone = known.get(key) ?? cheapestAlone(demand, host, empty);
    if (alone === null) return null;
    known.set(key, alone);
    bounds.unshift(addCost(alone, bounds[0] ?? NOTHING));
  }
  return bounds;
}

/** Guests with equal needs cost the same where they are alone. */
function needsOf(demand: Demand): string {
  const { vcpus, smt, emulatorCores, span, memoryMiB, pageMiB, allowedNodes, allowedLlcs } = demand;
  const held = [allowedNodes, allowedLlcs].map(ids => (ids === null ? '' : [...ids].join()));
  return [demand.class, vcpus, smt, emulatorCores, span, memoryMiB, pageMiB, ...held].join('/');
}

/**
 * The least that a guest costs, lexicographically: the nodes of the first shape and the distance within them, and as many
 * LLC domains as the roomiest core groups need. Sums of such bounds are bounds of sums.
 */
function cheapestAlone(demand: Demand, host: HostModel, empty: Room): AdditiveCost | null {
  const first = shapesOf(demand, host, empty, () => false).next();
  if (first.done) return null;
  const { nodes, cells } = first.value;
  if (demand.class === 'confined') return [1, 0, 0, demand.span === 'llc' ? 1 : fewestCells(host), 0, 0, 0, 0];
  const rooms = host.groups.map(group => room(group, UNUSED, demand.smt)).sort((a, b) => b - a);
  let groups = 0;
  for (let vcpus = demand.vcpus; vcpus > 0 && groups < rooms.length; groups++) vcpus -= rooms[groups] ?? 0;
  const llcs = Math.max(cells.length, Math.ceil(groups / host.mostGroupsPerCell));
  return [nodes.length, distanceWithin(host.topology, nodes), 0, llcs, 0, 0, 0, 0];
}

/** A guest confined to a node runs on all its cells. */
function fewestCells(host: HostModel): number {
  const perNode = new Map<number, number>();
  for (const { node } of host.cells) perNode.set(node, (perNode.get(node) ?? 0) + 1);
  return Math.min(...perNode.values());
}

/** By aim: no arrangement has less. Of aims that do not add up over guests, what follows from the number of cores. */
export function leastValues({ demands, host }: Problem, bounds: readonly AdditiveCost[]): readonly number[] {
  const cores = Math.ceil(leastThreads(demands, host) / mostThreads(host));
  const values: Record<AimName, number> = {
    ...costsByName(bounds[0] ?? NOTHING),
    ...{ sharedCores: 0, pressure: 0, moves: 0 },
    nodeFragmentation: leastFragmentation(host, 'node', cores),
    llcFragmentation: leastFragmentation(host, 'cell', cores),
  };
  return AIMS.map(aim => values[aim]);
}

/** Threads that dedicated guests need at least, wherever they go: of their cores, each with as many as any core of the host has. */
export function leastThreads(demands: readonly Demand[], host: HostModel): number {
  const threads = mostThreads(host);
  const ofVcpus = ({ smt, vcpus }: Demand) => {
    if (smt === 'any') return vcpus;
    return threads * (smt === 'isolate' ? vcpus : Math.ceil(vcpus / threads));
  };
  return demands
    .filter(demand => demand.class === 'dedicated')
    .reduce((sum, demand) => sum + threads * demand.emulatorCores + ofVcpus(demand), 0);
}

/** Of any core. */
export const mostThreads = ({ groups }: HostModel): number => Math.max(1, ...groups.map(({ threads }) => threads));

export const lacksCores = ({ demands, host }: Problem): boolean =>
  leastThreads(demands, host) > mostThreads(host) * host.groups.reduce((sum, { cores }) => sum + cores.length, 0);

/** More memory than there is on the nodes that guests can use, hugepages of every size included; what is pinned already needs none. */
export function lacksMemory({ demands, host, memoryMiB }: Problem): boolean {
  const homes = new Set(host.cells.map(({ node }) => memoryHome(host.topology, node)));
  const free = [...homes].reduce((sum, home) => sum + (memoryMiB.get(home) ?? Number.POSITIVE_INFINITY), 0);
  const pools = [...host.poolMiB.values()].reduce((sum, mib) => sum + mib, 0);
  const needed = demands.reduce((sum, demand) => sum + (demand.pinsPages ? 0 : demand.memoryMiB), 0);
  return needed > free + pools;
}

/** The unit that stays emptiest has to take what the others have no cores for. */
function leastFragmentation(host: HostModel, unit: 'node' | 'cell', needed: number): number {
  const sizes = coresOf(host, unit);
  const all = sizes.reduce((sum, size) => sum + size, 0);
  return Math.max(0, ...sizes) - Math.max(0, ...sizes.map(size => size - Math.max(0, needed - (all - size))));
}

/** No cache has more free cores than the emptiest node. */
export function leastLlcFragmentation(host: HostModel, nodeFragmentation: number): number {
  const [largestNode, largestCell] = (['node', 'cell'] as const).map(unit => Math.max(0, ...coresOf(host, unit)));
  return Math.max(0, (largestCell ?? 0) - (largestNode ?? 0) + nodeFragmentation);
}

function coresOf(host: HostModel, unit: 'node' | 'cell'): readonly number[] {
  const sizes = new Map<number, number>();
  for (const group of host.groups) sizes.set(group[unit], (sizes.get(group[unit]) ?? 0) + group.cores.length);
  return [...sizes.values()];
}
