// The shapes that suit a guest beside those that stand already: cheapest first, then closest to where it is, then the tightest fit.
import type { NumaNodeId } from '#domain/ids.ts';
import { compareValues } from './aim-values.ts';
import type { Problem } from './arrangement.ts';
import { room, sharedCores, UNUSED } from './capacity.ts';
import { freeCpus, hasCpus } from './confined-shapes.ts';
import type { Demand } from './demand.ts';
import { isMoved } from './moved-guests.ts';
import { presentShape } from './present-shapes.ts';
import { quickShapes } from './quick-shapes.ts';
import { type HostModel, hasRoom, mayTake, type Room, type Shape, usageAfter } from './shapes.ts';

/** An arrangement in the making. */
export interface Standing {
  /** By demand; null: not placed yet. */
  readonly shapes: ReadonlyArray<Shape | null>;
  readonly left: Room;
}

/** Best first; where the guest is now is among them when it still fits. */
export function rankShapes(demand: Demand, standing: Standing, problem: Problem): readonly Shape[] {
  const { host } = problem;
  const { left } = standing;
  const present = presentShape(demand, host);
  const stays =
    present !== null &&
    mayTake(present, demand, host) &&
    hasRoom(present, demand, left) &&
    (demand.class === 'dedicated' || hasCpus(present, demand, host, left.usage));
  const shapes = [...(stays ? [present] : []), ...quickShapes(demand, host, left)];
  const spare = demand.class === 'dedicated' ? spareVcpus(demand, host, left) : null;
  const ranked = shapes.map(shape => {
    const fit = spare === null ? [crowd(shape, standing, problem)] : leavesOver(shape, demand, { left, spare });
    return { shape, rank: [...shape.cost, isMoved(demand, shape, host) ? 1 : 0, ...fit] };
  });
  return ranked.sort((a, b) => compareValues(a.rank, b.rank)).map(({ shape }) => shape);
}

/** vCPUs of this guest for which there is room. */
interface Spare {
  readonly byGroup: readonly number[];
  readonly byNode: ReadonlyMap<NumaNodeId, number>;
}

function spareVcpus({ smt }: Demand, { groups }: HostModel, { usage }: Room): Spare {
  const byGroup = groups.map(group => room(group, usage[group.index] ?? UNUSED, smt));
  const byNode = new Map<NumaNodeId, number>();
  for (const { node, index } of groups) byNode.set(node, (byNode.get(node) ?? 0) + (byGroup[index] ?? 0));
  return { byGroup, byNode };
}

/** Cores that it would share with another guest, and what is left over in the caches that it takes, and then in their nodes: little, so that others find it in one piece elsewhere. */
function leavesOver(
  shape: Shape,
  demand: Demand,
  { left, spare }: { left: Room; spare: Spare },
): readonly [number, number, number] {
  let sharing = 0;
  for (const [group, after] of usageAfter(shape, demand, left.usage)) sharing += sharedCores(group, after);
  const inCaches = shape.parts.reduce((sum, { group, vcpus }) => sum + (spare.byGroup[group.index] ?? 0) - vcpus, 0);
  const inNodes = shape.nodes.reduce((sum, node) => sum + (spare.byNode.get(node) ?? 0), 0);
  return [sharing, inCaches, inNodes];
}

/** vCPUs of confined guests beyond the CPUs of the domain; below zero where there is room. */
function crowd(shape: Shape, { shapes, left }: Standing, { demands, host }: Problem): number {
  const cells = new Set(shape.cells);
  const vcpus = shapes.reduce(
    (sum, other, index) => sum + (other?.cells.some(cell => cells.has(cell)) ? (demands[index]?.vcpus ?? 0) : 0),
    0,
  );
  return vcpus - shape.cells.reduce((sum, cell) => sum + freeCpus(host, cell, left.usage), 0);
}
