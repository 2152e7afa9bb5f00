// A few good ways to place one guest in what is left, without trying them all: fewest caches, and the caches that it fits best.
import type { NumaNodeId } from '#domain/ids.ts';
import { room, UNUSED } from './capacity.ts';
import { confinedShapes } from './confined-shapes.ts';
import type { CoreGroup } from './core-groups.ts';
import type { Demand } from './demand.ts';
import { leanShape } from './lean-shapes.ts';
import {
  type HostModel,
  hasRoom,
  makeDedicatedShape,
  mayUseCell,
  mayUseNode,
  type Room,
  type Shape,
} from './shapes.ts';

/** Node sets of one size of which shapes are taken; beyond that, nearer ones have been found already. */
const MOST_PER_SIZE = 64;

/** Empty when nothing was found, which proves nothing. On as few nodes as possible, one shape or more for each set of them. */
export function quickShapes(demand: Demand, host: HostModel, left: Room): readonly Shape[] {
  if (demand.class === 'confined') return [...confinedShapes(demand, host, left)];
  const choices = choicesOf(usableGroups(demand, host, left));
  const shapes: Shape[] = [];
  let ofSize = 0;
  for (const [index, nodes] of host.nodeSets.entries()) {
    if (nodes.length !== host.nodeSets[index - 1]?.length) {
      if (shapes.length > 0) return shapes;
      ofSize = 0;
    }
    if (ofSize >= MOST_PER_SIZE) continue;
    const found = choices.flatMap(byNode => fitInto(nodes, byNode, { demand, host, left }) ?? []);
    if (found.length > 0) ofSize++;
    shapes.push(...found);
  }
  return shapes;
}

interface Usable {
  readonly group: CoreGroup;
  /** vCPUs of this guest that fit in. */
  readonly room: number;
  readonly isLarge: boolean;
}

interface NodeRoom {
  /** The roomiest first. */
  readonly usable: readonly Usable[];
  readonly room: number;
}

type RoomByNode = ReadonlyMap<NumaNodeId, NodeRoom>;

interface Search {
  readonly demand: Demand;
  readonly host: HostModel;
  readonly left: Room;
}

function usableGroups(demand: Demand, host: HostModel, left: Room): readonly Usable[] {
  return host.groups.flatMap(group => {
    const vcpus = room(group, left.usage[group.index] ?? UNUSED, demand.smt);
    if (vcpus === 0 || !mayUseNode(demand, group.node) || !mayUseCell(demand, group.cell, host)) return [];
    return [{ group, room: vcpus, isLarge: host.cells[group.cell]?.isLarge ?? false }];
  });
}

/** Of every kind of core all groups, and where caches are unlike, also those with caches of one size alone. */
function choicesOf(usable: readonly Usable[]): readonly RoomByNode[] {
  const kinds = [...new Set(usable.map(({ group }) => group.kind))];
  return kinds.flatMap(kind => {
    const ofKind = usable.filter(({ group }) => group.kind === kind);
    const [large, small] = [true, false].map(size => ofKind.filter(({ isLarge }) => isLarge === size));
    return (large?.length ? [ofKind, large, small ?? []] : [ofKind]).map(roomByNode);
  });
}

function roomByNode(usable: readonly Usable[]): RoomByNode {
  const byNode = new Map<NumaNodeId, Usable[]>();
  for (const entry of usable) {
    const there = byNode.get(entry.group.node);
    if (there) there.push(entry);
    else byNode.set(entry.group.node, [entry]);
  }
  return new Map(
    [...byNode].map(([node, there]) => [
      node,
      {
        usable: there.sort((a, b) => b.room - a.room || a.group.index - b.group.index),
        room: there.reduce((sum, entry) => sum + entry.room, 0),
      },
    ]),
  );
}

/** Room for emulator cores is taken with the vCPUs and then given to them, in the part with fewest vCPUs that can spare it. */
function fitInto(nodes: readonly NumaNodeId[], byNode: RoomByNode, search: Search): Shape | null {
  const shares = shareOut(
    nodes.map(node => byNode.get(node)?.room ?? 0),
    search.demand,
  );
  return (
    shares &&
    fitShares(
      nodes.map((node, at) => [node, shares[at] ?? 0]),
      byNode,
      search,
    )
  );
}

/** How many vCPUs on which node. */
export type Shares = ReadonlyArray<readonly [NumaNodeId, number]>;

/** A shape with exactly these vCPUs on each node; null when none was found. */
export function shapeFor(shares: Shares, search: Search): Shape | null {
  for (const byNode of choicesOf(usableGroups(search.demand, search.host, search.left))) {
    if (shares.some(([node, vcpus]) => vcpus > (byNode.get(node)?.room ?? 0))) continue;
    const shape = fitShares(shares, byNode, search);
    if (shape !== null) return shape;
  }
  return null;
}

function fitShares(shares: Shares, byNode: RoomByNode, { demand, host, left }: Search): Shape | null {
  const parts = shares.flatMap(([node, vcpus]) => fillGroups(byNode.get(node)?.usable ?? [], vcpus));
  const nodes = shares.map(([node]) => node);
  parts.sort((a, b) => a.group.index - b.group.index);
  if (demand.emulatorCores === 0) return orNull(makeDedicatedShape(demand, host, { nodes, parts, emulator: null }));
  for (const { group } of [...parts].sort((a, b) => a.vcpus - b.vcpus)) {
    const shape = orNull(makeDedicatedShape(demand, host, { nodes, parts, emulator: group }));
    if (shape !== null) return shape;
  }
  return null;

  function orNull(shape: Shape): Shape | null {
    if (hasRoom(shape, demand, left)) return shape;
    const full = [...shape.memoryMiB].filter(([node, mib]) => mib > (left.memoryMiB.get(node) ?? mib));
    const lean = leanShape(
      shape,
      full.map(([node]) => node),
      { demand, host },
    );
    return lean !== null && hasRoom(lean, demand, left) ? lean : null;
  }
}

/** vCPUs for each node, as even as their rooms let them be, and one at least; pairs stay together. Null when they do not fit. */
function shareOut(rooms: readonly number[], { vcpus, smt }: Demand): readonly number[] | null {
  if (rooms.includes(0) || vcpus < rooms.length || rooms.reduce((sum, room) => sum + room, 0) < vcpus) return null;
  if (rooms.length === 1) return [vcpus];
  const unit = smt === 'pairs' ? 2 : 1;
  const shares = rooms.map(() => 0);
  for (let remaining = vcpus; remaining > 0; ) {
    const step = Math.min(unit, remaining);
    const spare = (at: number) => Math.floor(((rooms[at] ?? 0) - (shares[at] ?? 0)) / step) * step;
    // Those that still have room have had the same until now.
    const open = [...rooms.keys()].filter(at => spare(at) > 0);
    if (open.length === 0) return null;
    const each = Math.max(step, Math.floor(remaining / open.length / unit) * unit);
    for (const at of open) {
      const given = Math.min(each, spare(at), remaining);
      shares[at] = (shares[at] ?? 0) + given;
      remaining -= given;
    }
  }
  return shares.every(share => share > 0) ? shares : null;
}

/** As few groups as possible of those that are given roomiest first: these wholly, and for what then remains the one that it fills best. */
function fillGroups(usable: readonly Usable[], vcpus: number): Shape['parts'][number][] {
  const open = [...usable];
  const parts: Shape['parts'][number][] = [];
  let remaining = vcpus;
  while (remaining > 0) {
    const [roomiest] = open;
    if (roomiest === undefined) return parts;
    const best = open.findLast(entry => entry.room >= remaining) ?? roomiest;
    open.splice(open.indexOf(best), 1);
    const taken = Math.min(best.room, remaining);
    parts.push({ group: best.group, vcpus: taken });
    remaining -= taken;
  }
  return parts;
}
