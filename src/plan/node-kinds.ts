// Guests that are alike, with the sets of nodes on which they may stand: what a proof counts where there are too many ways to split them.
import type { CoreKind } from '#domain/host-topology.ts';
import type { NumaNodeId } from '#domain/ids.ts';
import type { Problem } from './arrangement.ts';
import { room, UNUSED } from './capacity.ts';
import type { Demand } from './demand.ts';
import { distanceToDevices } from './device-distance.ts';
import { alikeGuests } from './guest-kinds.ts';
import { memoryHome, splitMemory } from './guest-memory.ts';
import { beyondLean } from './lean-shapes.ts';
import { distanceWithin } from './node-sets.ts';
import { type AdditiveCost, type IsHopeless, mayUseCell, mayUseNode } from './shapes.ts';

/** A set of nodes for one guest; how its vCPUs and its memory lie on them is open. */
export interface NodeWay {
  readonly nodes: readonly NumaNodeId[];
  readonly kind: CoreKind;
  /** The most vCPUs of the guest on each node. */
  readonly room: readonly number[];
  /** Where its memory lies. */
  readonly homes: readonly NumaNodeId[];
  /** Homes with less memory than their vCPUs' share; `any`: as it comes. */
  readonly lean: readonly NumaNodeId[] | 'any';
  readonly cost: AdditiveCost;
}

export interface NodeKind {
  /** Indices of their demands. */
  readonly guests: readonly number[];
  readonly demand: Demand;
  readonly ways: readonly NodeWay[];
}

/** With more ways in all a model would be too large to be solved. */
const MOST_WAYS = 4000;

export interface NodeKindInput {
  readonly isHopelessFor: (guest: number) => IsHopeless;
  /** Whether it matters which homes are lean. */
  readonly tellsLean: boolean;
  /** Sets of nodes that are looked at. */
  readonly nodeSets: Problem['host']['nodeSets'];
}

/** Null when there are too many ways. */
export function makeNodeKinds(
  problem: Problem,
  { isHopelessFor, tellsLean, nodeSets }: NodeKindInput,
): readonly NodeKind[] | null {
  const kinds: NodeKind[] = [];
  let left = MOST_WAYS;
  for (const guests of alikeGuests(problem.demands)) {
    const [first = 0] = guests;
    const demand = problem.demands[first];
    if (!demand) continue;
    const isHopeless = isHopelessFor(first);
    if (!problem.host.nodeSetsComplete && !isHopeless([2, 0, 0, 0, 0, 0, 0, 0])) return null;
    const ways: NodeWay[] = [];
    for (const way of waysOf(demand, problem, { isHopeless, tellsLean, nodeSets })) {
      if (--left < 0) return null;
      ways.push(way);
    }
    kinds.push({ guests, demand, ways });
  }
  return kinds;
}

function* waysOf(
  demand: Demand,
  { host, memoryMiB }: Problem,
  { isHopeless, tellsLean, nodeSets }: Omit<NodeKindInput, 'isHopelessFor'> & { isHopeless: IsHopeless },
): Generator<NodeWay> {
  const { topology } = host;
  const most = demand.class === 'confined' ? 1 : demand.vcpus;
  for (const nodes of nodeSets) {
    if (nodes.length > most || !nodes.every(node => mayUseNode(demand, node))) continue;
    const homes = [...new Set(nodes.map(node => memoryHome(topology, node)))];
    const freeMiB = homes.reduce((sum, home) => sum + (memoryMiB.get(home) ?? Number.POSITIVE_INFINITY), 0);
    if (demand.pageMiB === 1 && !demand.pinsPages && demand.memoryMiB > freeMiB) continue;
    const { farther } = splitMemory(
      demand,
      topology,
      nodes.map(node => [node, 1] as const),
    );
    const within = distanceWithin(topology, nodes) + farther;
    const toDevices = distanceToDevices(demand, nodes, topology);
    for (const lean of leanChoices(demand, homes, tellsLean)) {
      const beyond =
        lean === 'any' ? 0 : beyondLean(nodes, { lean, full: homes.filter(home => !lean.includes(home)) }, topology);
      const cost: AdditiveCost = [nodes.length, within + beyond, toDevices, 0, 0, 0, 0, 0];
      if (isHopeless(cost)) continue;
      for (const kind of new Set(host.groups.map(group => group.kind))) {
        const roomOn = (node: NumaNodeId) => roomOf(demand, { node, kind }, host);
        const rooms = demand.class === 'confined' ? [demand.vcpus] : nodes.map(roomOn);
        if (rooms.includes(0) || rooms.reduce((sum, vcpus) => sum + vcpus, 0) < demand.vcpus) continue;
        yield { nodes, kind, room: rooms, homes, lean, cost };
        if (demand.class === 'confined') break;
      }
    }
  }
}

function leanChoices(
  { mayBeLean }: Demand,
  homes: readonly NumaNodeId[],
  tellsLean: boolean,
): ReadonlyArray<NodeWay['lean']> {
  if (!mayBeLean || homes.length === 1) return [[]];
  if (!tellsLean) return ['any'];
  return Array.from({ length: 2 ** homes.length - 1 }, (_, choice) =>
    homes.filter((_, at) => (choice >> at) % 2 === 1),
  );
}

const roomOf = (demand: Demand, { node, kind }: { node: NumaNodeId; kind: CoreKind }, host: Problem['host']): number =>
  host.groups.reduce(
    (sum, group) =>
      group.node === node && group.kind === kind && mayUseCell(demand, group.cell, host)
        ? sum + room(group, UNUSED, demand.smt)
        : sum,
    0,
  );
