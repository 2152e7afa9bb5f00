// What questions about quarters claim, beside plans that were proved by trying everything.
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '#fixtures/property-runs.ts';
import { inputFor } from '#fixtures/random-host.ts';
import type { Shape } from '#fixtures/shapes.ts';
import { anyTinyGuest, anyTinyShape, buildTiny, type TinyGuest } from '#fixtures/tiny-hosts.ts';
import { type Problem, type Settled, settle } from '#plan/arrangement.ts';
import { makeDemands } from '#plan/demand.ts';
import { makeHostModel } from '#plan/host-model.ts';
import { makeHousekeeping } from '#plan/housekeeping.ts';
import type { Solve } from '#plan/linear-model.ts';
import { lowerBounds } from '#plan/lower-bounds.ts';
import { type AskAlone, askByQuarters, startQuarters } from '#plan/prove-quarters.ts';
import { searchArrangement } from '#plan/search.ts';
import { loadHighs, solveLinear } from './solve-linear.ts';

const highs = await loadHighs(createRequire(import.meta.url));
const solve: Solve = (model, limits) => Promise.resolve(solveLinear(highs, model, limits));

const anyGuests = fc
  .array(anyTinyGuest, { minLength: 1, maxLength: 3 })
  .map(guests => guests.map(guest => ({ ...guest, class: 'dedicated' as const, pins: [] })));

/** By node, of the memory that the shape has: nearly alike, or as much less as to matter. */
const anyMemory = fc.array(fc.constantFrom(1, 0.99, 0.9), { minLength: 4, maxLength: 4 });

function makeProblem(shape: Shape, guests: readonly TinyGuest[], memory: readonly number[] = []): Problem {
  const { inventory, wishes } = buildTiny(shape, guests);
  const input = inputFor(inventory, wishes);
  const demands = makeDemands(inventory, input.wishes, 'any');
  const host = makeHostModel(inventory, makeHousekeeping(input, input.housekeeping), demands);
  const memoryMiB = new Map(
    inventory.memory.map(({ node, availableMiB }) => [node, Math.floor(availableMiB * (memory[node] ?? 1))]),
  );
  return { demands, host, memoryMiB, mostMoves: null };
}

/** `none`: proved; null: trying did not come to an end. */
function optimumOf(problem: Problem): Settled | 'none' | null {
  const tried = searchArrangement({ ...problem, budget: 1_000_000, seed: null });
  if (tried.kind === 'none') return tried.proved ? 'none' : null;
  return tried.arrangement.proof.kind === 'optimal' ? settle(tried.arrangement.shapes, problem) : null;
}

const askAlone: AskAlone = (problem, rank) => {
  const optimum = optimumOf(problem);
  if (optimum === null) return Promise.resolve({ least: [], shapes: null });
  if (optimum === 'none') return Promise.resolve('none');
  return Promise.resolve({ least: optimum.values.slice(0, rank + 1), shapes: optimum.shapes });
};

const ASKED = [
  ['nodes', 0],
  ['distance', 1],
  ['llcs', 3],
  ['imbalance', 6],
  ['sharedCores', 8],
  ['nodeFragmentation', 10],
] as const;

describe('askByQuarters()', () => {
  it('never claims more than the optimum, comes to it where guests have cores alone, and what it finds fits', async () => {
    const seen = { asked: 0, exact: 0, found: 0 };
    await fc.assert(
      fc.asyncProperty(anyTinyShape, anyGuests, anyMemory, async (shape, guests, memory) => {
        const problem = makeProblem(shape, guests, memory);
        const bounds = lowerBounds(problem);
        const optimum = optimumOf(problem);
        if (bounds === null || optimum === null || optimum === 'none') return;
        const quarters = startQuarters(problem);
        for (const [aim, rank] of ASKED) {
          const value = optimum.values[rank] ?? 0;
          const best = { ...optimum, values: optimum.values.with(rank, value + 1) };
          const known = { least: 0, nodesAsked: -1 };
          const answer = await askByQuarters({ problem, best, aim, known, bounds, solve, quarters, askAlone });
          expect(answer.known.least).toBeLessThanOrEqual(value);
          seen.asked++;
          if (answer.better === null) continue;
          seen.found++;
          expect(settle(answer.better.shapes, problem)?.values).toEqual(answer.better.values);
          expect(answer.better.values[rank]).toBe(value);
          const proof = await askByQuarters({ problem, best: optimum, aim, known, bounds, solve, quarters, askAlone });
          expect(proof.better).toBeNull();
          if (proof.known.least === value) seen.exact++;
        }
      }),
      runs(15),
    );
    expect(seen.asked).toBeGreaterThan(25);
    expect(seen.found).toBeGreaterThan(0.7 * seen.asked);
    expect(seen.exact).toBeGreaterThan(0.95 * seen.found);
  });

  it('says nothing where guests may not be moved, or share CPUs', async () => {
    const [shape] = fc.sample(anyTinyShape, { seed: 1, numRuns: 1 });
    const [guests] = fc.sample(anyGuests, { seed: 1, numRuns: 1 });
    if (shape === undefined || guests === undefined) throw new Error('no sample');
    const free = makeProblem(shape, guests);
    const confined = { ...free, demands: free.demands.map(demand => ({ ...demand, class: 'confined' as const })) };
    for (const problem of [{ ...free, mostMoves: 0 }, confined]) {
      const best: Settled = { shapes: [], usage: [], values: Array.from({ length: 13 }, () => 9) };
      const known = { least: 2, nodesAsked: -1 };
      const quarters = startQuarters(problem);
      const bounds = lowerBounds(problem) ?? [];
      const answer = await askByQuarters({ problem, best, aim: 'nodes', known, bounds, solve, quarters, askAlone });
      expect(answer).toEqual({ better: null, known });
    }
  });
});
