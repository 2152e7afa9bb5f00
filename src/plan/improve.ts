// Makes an arrangement better: takes the guests of some nodes out, places them again in another order, and keeps what is no worse.
import { compareValues } from './aim-values.ts';
import { type Problem, roomBeside, type Settled, settle } from './arrangement.ts';
import { rankShapes, type Standing } from './best-fit.ts';
import { put } from './construct.ts';
import { makeSequence } from './sequence.ts';
import type { Shape } from './shapes.ts';

/** Guests that are taken out at once. */
const MOST_OUT = 10;

export interface ImproveInput {
  readonly start: Settled;
  /** By aim: with these values nothing can be better. */
  readonly least: readonly number[];
  /** Shapes to look at. */
  readonly budget: number;
}

/** The start, unless something is truly better. */
export function improve(problem: Problem, { start, least, budget }: ImproveInput): Settled {
  const next = makeSequence(1);
  let best = start;
  let present = start;
  for (let work = 0; work < budget && compareValues(best.values, least) > 0; ) {
    const out = chooseGuests(present, problem, next);
    const tried = placeAgain(out, present, problem, next);
    work += tried.work;
    if (tried.settled === null || compareValues(tried.settled.values, present.values) > 0) continue;
    present = tried.settled;
    if (compareValues(present.values, best.values) < 0) best = present;
  }
  return best;
}

/** One guest, and others that stand on its nodes or on one other node. */
function chooseGuests({ shapes }: Settled, { host }: Problem, next: () => number): ReadonlySet<number> {
  const focus = next() % shapes.length;
  const cells = host.cells[next() % host.cells.length];
  const nodes = new Set([...(shapes[focus]?.nodes ?? []), ...(cells ? [cells.node] : [])]);
  const near = shapes.flatMap((shape, index) => (shape.nodes.some(node => nodes.has(node)) ? [index] : []));
  const out = new Set([focus]);
  while (out.size < Math.min(MOST_OUT, near.length)) {
    out.add(near[next() % near.length] ?? focus);
  }
  return out;
}

function placeAgain(
  out: ReadonlySet<number>,
  { shapes }: Settled,
  problem: Problem,
  next: () => number,
): { readonly settled: Settled | null; readonly work: number } {
  const { demands } = problem;
  let standing = without(out, shapes, problem);
  const rank = new Map([...out].map(index => [index, (demands[index]?.vcpus ?? 0) + (next() % 4)]));
  const kind = (index: number) => (demands[index]?.class === 'dedicated' ? 0 : 1);
  const order = [...out].sort((a, b) => kind(a) - kind(b) || (rank.get(b) ?? 0) - (rank.get(a) ?? 0) || a - b);
  let work = 0;
  for (const index of order) {
    const demand = demands[index];
    const choices = demand ? rankShapes(demand, standing, problem) : [];
    work += 1 + choices.length;
    // Mostly the best, now and then one of the others.
    const shape = choices[next() % 4 === 0 ? next() % Math.min(3, Math.max(1, choices.length)) : 0];
    if (shape === undefined) return { settled: null, work };
    standing = put(shape, index, standing, problem);
  }
  return {
    settled: settle(
      standing.shapes.flatMap(shape => shape ?? []),
      problem,
    ),
    work,
  };
}

function without(out: ReadonlySet<number>, shapes: readonly Shape[], problem: Problem): Standing {
  const staying = shapes.map((shape, index) => (out.has(index) ? null : shape));
  return { shapes: staying, left: roomBeside(staying, problem) };
}
