// Proves an arrangement or finds a better one, of the whole host, and of the parts of it that the proof asks for.
import { AIMS } from '#domain/plan.ts';
import { type Arrangement, type Problem, type Settled, settle } from './arrangement.ts';
import { type Found, findArrangement } from './find-arrangement.ts';
import type { Solve } from './linear-model.ts';
import { proveAims } from './prove.ts';
import type { AskAlone, Reached } from './prove-quarters.ts';
import { searchArrangement } from './search.ts';

/** Shapes that the quick search looks at before the solver is asked: a part is small. */
const PART_BUDGET = 5000;

export const proveArrangement = (problem: Problem, start: Settled, solve: Solve): Promise<Arrangement> =>
  proveAims(problem, start, solve, { from: 0, to: AIMS.length - 1, askAloneWith });

/** What guests cost on some nodes alone, as far as a proof without further parts can tell. */
const askAloneWith =
  (solve: Solve): AskAlone =>
  async (part, rank, before) => {
    const start = await startIn(part, before, solve);
    if (start === 'none') return 'none';
    if (start === 'unknown') return { least: AIMS.slice(0, rank + 1).map(() => 0), shapes: null };
    const from = before?.least.length ?? 0;
    const { shapes, aims, proof } = await proveAims(part, start, solve, { from, to: rank, askAloneWith: null });
    const values = aims.slice(0, rank + 1).map(({ value }) => value);
    if (proof.kind === 'optimal') return { least: values, shapes };
    const open = AIMS.indexOf(proof.firstUnproved);
    const leastOf = (value: number, at: number) => {
      if (at === open) return value - (proof.distance ?? value);
      return at < open ? value : 0;
    };
    return { least: values.map(leastOf), shapes: null };
  };

/** From what earlier aims have led to, else from a quick search. */
async function startIn(part: Problem, before: Reached | null, solve: Solve): Promise<Found> {
  if (before !== null) return settle(before.shapes, part) ?? 'unknown';
  const quick = searchArrangement({ ...part, budget: PART_BUDGET, seed: null });
  if (quick.kind === 'none') return quick.proved ? 'none' : findArrangement(part, solve);
  return settle(quick.arrangement.shapes, part) ?? 'unknown';
}
