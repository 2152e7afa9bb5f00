// The shapes that suit a guest beside those that stand already: cheapest first, then closest to where it is, then the tightest fit.
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
  const ranked = shapes.map(shape => ({ shape, rank: rankOf(shape, demand, standing, problem) }));
  return ranked.sort((a, b) => compareValues(a.rank, b.rank)).map(({ shape }) => shape);
}

function rankOf(shape: Shape, demand: Demand, standing: Standing, problem: Problem): readonly number[] {
  const { host } = problem;
  const fit =
    demand.class === 'dedicated' ? spareRoom(shape, demand, host, standing.left) : [crowd(shape, standing, problem)];
  return [...shape.cost, isMoved(demand, shape, host) ? 1 : 0, ...fit];
}

/** Cores that it would share with another guest, and what is left over in the caches that it takes, and then in their nodes: little, so that others find it in one piece elsewhere. */
function spareRoom(shape: Shape, demand: Demand, host: HostModel, { usage }: Room): readonly number[] {
  const spare = (group: HostModel['groups'][number]) => room(group, usage[group.index] ?? UNUSED, demand.smt);
  const sharing = [...usageAfter(shape, demand, usage)].reduce(
    (sum, [group, after]) => sum + sharedCores(group, after),
    0,
  );
  const inCaches = shape.parts.reduce((sum, { group, vcpus }) => sum + spare(group) - vcpus, 0);
  const inNodes = host.groups.reduce((sum, group) => sum + (shape.nodes.includes(group.node) ? spare(group) : 0), 0);
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
