// A first arrangement: guests one after the other, each where it fits best; who finds no room goes first the next time.
import { compareValues } from './aim-values.ts';
import { emptyRoom, type Problem, roomAfter, type Settled, settle } from './arrangement.ts';
import { rankShapes, type Standing } from './best-fit.ts';
import { hasCpus } from './confined-shapes.ts';
import type { Demand } from './demand.ts';
import { presentShape } from './present-shapes.ts';
import { hasRoom, mayTake, type Shape } from './shapes.ts';

/** Null when no order of guests led to one, which proves nothing. */
export function construct(problem: Problem): Settled | null {
  const { demands } = problem;
  const indices = [...demands.keys()];
  const size = (demand: Demand | undefined) => (demand?.vcpus ?? 0) * (demand?.smt === 'isolate' ? 2 : 1);
  const byMemory = indices.toSorted((a, b) => (demands[b]?.memoryMiB ?? 0) - (demands[a]?.memoryMiB ?? 0));
  const byCpus = indices.toSorted((a, b) => size(demands[b]) - size(demands[a]));
  const kept = keepPresent(problem);
  const starts = kept.shapes.some(shape => shape !== null) ? [kept, nothing(problem)] : [nothing(problem)];
  const found = starts.flatMap(start => insist(byCpus, start, problem) ?? insist(byMemory, start, problem) ?? []);
  return found.reduce<Settled | null>(
    (best, one) => (best === null || compareValues(one.values, best.values) < 0 ? one : best),
    null,
  );
}

const nothing = (problem: Problem): Standing => ({ shapes: problem.demands.map(() => null), left: emptyRoom(problem) });

/** Guests that can stay where they are. */
function keepPresent(problem: Problem): Standing {
  const { demands, host } = problem;
  return demands.reduce<Standing>((standing, demand, index) => {
    const shape = presentShape(demand, host);
    const { left } = standing;
    if (!shape || !mayTake(shape, demand, host) || !hasRoom(shape, demand, left)) return standing;
    if (demand.class === 'confined' && !hasCpus(shape, demand, host, left.usage)) return standing;
    return put(shape, index, standing, problem);
  }, nothing(problem));
}

/** Places all in this order; a guest without room comes first in the next attempt. */
function insist(first: readonly number[], start: Standing, problem: Problem): Settled | null {
  let order = dedicatedFirst(first, problem);
  for (let attempt = 0; attempt < 2 * order.length + 8; attempt++) {
    const placed = placeAll(order, start, problem);
    if (placed.failed === null)
      return settle(
        placed.standing.shapes.flatMap(shape => shape ?? []),
        problem,
      );
    const { failed } = placed;
    if (order[0] === failed) return null;
    order = dedicatedFirst([failed, ...order.filter(index => index !== failed)], problem);
  }
  return null;
}

/** Confined guests share what dedicated ones leave. */
const dedicatedFirst = (order: readonly number[], { demands }: Problem): readonly number[] =>
  ['dedicated', 'confined'].flatMap(kind => order.filter(index => demands[index]?.class === kind));

/** Places those that have no shape yet, each in the best way. `failed`: the first without room. */
function placeAll(
  order: readonly number[],
  start: Standing,
  problem: Problem,
): { readonly standing: Standing; readonly failed: number | null } {
  let standing = start;
  for (const index of order) {
    const demand = problem.demands[index];
    if (!demand || standing.shapes[index]) continue;
    const [shape] = rankShapes(demand, standing, problem);
    if (shape === undefined) return { standing, failed: index };
    standing = put(shape, index, standing, problem);
  }
  return { standing, failed: null };
}

export function put(shape: Shape, index: number, { shapes, left }: Standing, { demands }: Problem): Standing {
  const demand = demands[index];
  return demand === undefined
    ? { shapes, left }
    : { shapes: shapes.with(index, shape), left: roomAfter(shape, demand, left) };
}
