// A few good ways to place one guest in what is left, without trying them all: fewest caches, and the caches that it fits best.
import type { CoreKind } from '#domain/host-topology.ts';
import type { NumaNodeId } from '#domain/ids.ts';
import { room, UNUSED } from './capacity.ts';
import type { CoreGroup } from './core-groups.ts';
import type { Demand } from './demand.ts';
import {
  confinedShapes,
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
  const usable = usableGroups(demand, host, left);
  const kinds = [...new Set(usable.map(({ group }) => group.kind))];
  const shapes: Shape[] = [];
  let ofSize = 0;
  for (const [index, nodes] of host.nodeSets.entries()) {
    if (nodes.length !== host.nodeSets[index - 1]?.length) {
      if (shapes.length > 0) return shapes;
      ofSize = 0;
    }
    if (ofSize >= MOST_PER_SIZE) continue;
    const found = kinds.flatMap(kind => [...shapesOn(nodes, { demand, host, left, usable, kind })]);
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

interface Search {
  readonly demand: Demand;
  readonly host: HostModel;
  readonly left: Room;
  readonly usable: readonly Usable[];
  readonly kind: CoreKind;
}

function usableGroups(demand: Demand, host: HostModel, left: Room): readonly Usable[] {
  return host.groups.flatMap(group => {
    const vcpus = room(group, left.usage[group.index] ?? UNUSED, demand.smt);
    if (vcpus === 0 || !mayUseNode(demand, group.node) || !mayUseCell(demand, group.cell, host)) return [];
    return [{ group, room: vcpus, isLarge: host.cells[group.cell]?.isLarge ?? false }];
  });
}

/** With all groups of the kind, and where caches are unlike, with those of one size alone. */
function* shapesOn(nodes: readonly NumaNodeId[], search: Search): Generator<Shape> {
  const ofKind = search.usable.filter(({ group }) => group.kind === search.kind && nodes.includes(group.node));
  const large = ofKind.filter(({ isLarge }) => isLarge);
  const choices = large.length === 0 ? [ofKind] : [ofKind, large, ofKind.filter(({ isLarge }) => !isLarge)];
  for (const usable of choices) {
    const shape = fitInto(nodes, usable, search);
    if (shape !== null) yield shape;
  }
}

/** Room for emulator cores is taken with the vCPUs and then given to them, in the part with fewest vCPUs that can spare it. */
function fitInto(nodes: readonly NumaNodeId[], usable: readonly Usable[], search: Search): Shape | null {
  const { demand, host, left } = search;
  const perNode = shareOut(nodes, usable, demand);
  if (perNode === null) return null;
  const parts = perNode.flatMap(([node, vcpus]) =>
    fillGroups(
      usable.filter(({ group }) => group.node === node),
      vcpus,
    ),
  );
  parts.sort((a, b) => a.group.index - b.group.index);
  if (demand.emulatorCores === 0) return orNull(makeDedicatedShape(demand, host, { nodes, parts, emulator: null }));
  for (const { group } of [...parts].sort((a, b) => a.vcpus - b.vcpus)) {
    const shape = orNull(makeDedicatedShape(demand, host, { nodes, parts, emulator: group }));
    if (shape !== null) return shape;
  }
  return null;

  function orNull(shape: Shape): Shape | null {
    return hasRoom(shape, demand, left) ? shape : null;
  }
}

/** vCPUs for each node, as even as their room lets them be; pairs stay together. Null when they do not fit. */
function shareOut(
  nodes: readonly NumaNodeId[],
  usable: readonly Usable[],
  { vcpus, smt }: Demand,
): ReadonlyArray<readonly [NumaNodeId, number]> | null {
  const rooms = nodes.map(node => sumRoom(usable.filter(({ group }) => group.node === node)));
  const unit = smt === 'pairs' ? 2 : 1;
  const shares = nodes.map(() => 0);
  for (let remaining = vcpus; remaining > 0; ) {
    const step = Math.min(unit, remaining);
    const open = shares.flatMap((share, at) => (share + step <= (rooms[at] ?? 0) ? [at] : []));
    const [least] = open.sort((a, b) => (shares[a] ?? 0) - (shares[b] ?? 0) || a - b);
    if (least === undefined) return null;
    shares[least] = (shares[least] ?? 0) + step;
    remaining -= step;
  }
  return shares.every(share => share > 0) ? nodes.map((node, at) => [node, shares[at] ?? 0] as const) : null;
}

/** As few groups as possible: the roomiest wholly, and for what then remains the one that it fills best. */
function fillGroups(usable: readonly Usable[], vcpus: number): Shape['parts'][number][] {
  const open = [...usable].sort((a, b) => b.room - a.room || a.group.index - b.group.index);
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

const sumRoom = (usable: readonly Usable[]): number => usable.reduce((sum, entry) => sum + entry.room, 0);
