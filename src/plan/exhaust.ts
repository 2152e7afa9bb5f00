// Tries every arrangement: depth-first over guests, best shapes first, cutting off what cannot beat the best found so far.
import { addCost, addCosts, compareValues, NOTHING, valuesOf } from './aim-values.ts';
import { emptyRoom, type Problem, roomAfter, type Settled } from './arrangement.ts';
import { oddThreads, UNUSED, type Usage } from './capacity.ts';
import { shapesOf } from './every-shape.ts';
import { leastThreads, mostThreads } from './lower-bounds.ts';
import { isMoved } from './moved-guests.ts';
import type { AdditiveCost, HostModel, Room, Shape } from './shapes.ts';

export interface Exhausted {
  /** Null when there is none; the seed, unless something is truly better. */
  readonly best: Settled | null;
  /** False when the budget, or the number of node sets, ended it first. */
  readonly isComplete: boolean;
}

/** @param bounds What demands i, i+1, … cost at least. @param budget Shapes, and families of shapes, to look at. */
export function exhaust(
  problem: Problem,
  { bounds, seed, budget }: { bounds: readonly AdditiveCost[]; seed: Settled | null; budget: number },
): Exhausted {
  const { demands, host } = problem;
  const mostMoves = problem.mostMoves ?? demands.length;
  let best = seed;
  let work = 0;

  const place = (index: number, shapes: readonly Shape[], left: Room, moved = 0): void => {
    const demand = demands[index];
    const values = valuesOf({ demands, shapes, host, usage: left.usage, rest: bounds[index] ?? NOTHING });
    // With guests still to come these are lower bounds: no aim gets better when more guests are placed.
    if (best !== null && compareValues(values, best.values) >= 0) return;
    if (!demand) {
      best = { shapes, usage: left.usage, values };
      return;
    }
    if (leastThreads(demands.slice(index), host) > freeThreads(host, left.usage)) return;
    const soFar = addCosts(shapes, bounds[index + 1]);
    const isHopeless = (cost: AdditiveCost) =>
      ++work > budget || (best !== null && compareValues(addCost(soFar, cost), best.values) > 0);
    for (const shape of shapesOf(demand, host, left, isHopeless)) {
      const isWorse = isHopeless(shape.cost);
      if (work > budget) return;
      const movedThen = moved + (isMoved(demand, shape, host) ? 1 : 0);
      if (movedThen <= mostMoves && !isWorse) {
        place(index + 1, [...shapes, shape], roomAfter(shape, demand, left), movedThen);
      }
      if (best !== null && compareValues(values, best.values) >= 0) return;
    }
  };
  place(0, [], emptyRoom(problem));

  return { best, isComplete: work <= budget && host.nodeSetsComplete };
}

/** Of cores that are not wholly in use, at most: as if each had as many threads as any core of the host. */
function freeThreads(host: HostModel, usage: readonly Usage[]): number {
  const most = mostThreads(host);
  return host.groups.reduce((sum, { index, cores, threads }) => {
    const used = usage[index] ?? UNUSED;
    return sum + (cores.length - used.whole) * most - (oddThreads(used) * most) / threads;
  }, 0);
}
