// What questions about sets of nodes and blocks of them claim, beside plans that were proved by trying everything.
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '#fixtures/property-runs.ts';
import { flatShape, inputFor } from '#fixtures/random-host.ts';
import type { Shape } from '#fixtures/shapes.ts';
import { anyTinyGuest, anyTinyShape, buildTiny } from '#fixtures/tiny-hosts.ts';
import { NOTHING } from '#plan/aim-values.ts';
import { type Problem, settle } from '#plan/arrangement.ts';
import { makeDemands } from '#plan/demand.ts';
import { makeHostModel } from '#plan/host-model.ts';
import { makeHousekeeping } from '#plan/housekeeping.ts';
import type { Solve } from '#plan/linear-model.ts';
import { lowerBounds } from '#plan/lower-bounds.ts';
import { askByBlocks } from '#plan/prove-blocks.ts';
import { type Answer, askForNodes } from '#plan/prove-nodes.ts';
import { searchArrangement } from '#plan/search.ts';
import { loadHighs, solveLinear } from './solve-linear.ts';

const highs = await loadHighs(createRequire(import.meta.url));
const solve: Solve = (model, limits) => Promise.resolve(solveLinear(highs, model, limits));

/** Guests that are nowhere yet. */
const anyGuests = fc
  .array(anyTinyGuest, { minLength: 1, maxLength: 3 })
  .map(guests => guests.map(guest => ({ ...guest, pins: [] })));

function makeProblem(...of: Parameters<typeof buildTiny>): Problem {
  const { inventory, wishes } = buildTiny(...of);
  const input = inputFor(inventory, wishes);
  const demands = makeDemands(inventory, input.wishes, 'any');
  const host = makeHostModel(inventory, makeHousekeeping(input, input.housekeeping), demands);
  const memoryMiB = new Map(inventory.memory.map(({ node, availableMiB }) => [node, availableMiB]));
  return { demands, host, memoryMiB, mostMoves: null };
}

/** Two nodes of three cores, the first of which is the host's. */
const twoNodes: Shape = {
  ...flatShape(3),
  llcs: flatShape(3).llcs.map(llc => ({ ...llc, cores: [{ count: 3, threads: 2 }] })),
};

/** An answer claims no more than the optimum, and what it has found fits. */
function judge(
  { known, better }: Answer,
  { problem, rank, value }: { problem: Problem; rank: number; value: number },
  seen: { asked: number; exact: number; found: number },
): void {
  expect(known.least).toBeLessThanOrEqual(value);
  seen.asked++;
  if (known.least === value) seen.exact++;
  if (better === null) return;
  seen.found++;
  expect(settle(better.shapes, problem)?.values).toEqual(better.values);
  expect(better.values[rank]).toBeGreaterThanOrEqual(value);
}

describe('askForNodes()', () => {
  it('knows that only the cache with its emulator core is not shared by a guest', async () => {
    const alike = { class: 'dedicated', memoryMiB: 64, span: 'node', pins: [], heldMiB: [0, 0] } as const;
    const anywhere = { device: null, cache: 'auto' } as const;
    const problem = makeProblem(twoNodes, [
      { ...alike, ...anywhere, vcpus: 3, smt: 'any', emulator: 'own' },
      { ...alike, ...anywhere, vcpus: 1, smt: 'pairs', emulator: 'housekeeping' },
      { ...alike, ...anywhere, vcpus: 3, smt: 'any', emulator: 'housekeeping' },
    ]);
    const tried = searchArrangement({ ...problem, budget: 100_000, seed: null });
    const best = tried.kind === 'found' ? settle(tried.arrangement.shapes, problem) : null;
    if (best === null) throw new Error('no arrangement');
    expect(best.values[0]).toBe(4);
    const known = { least: 0, nodesAsked: -1 };
    const worse = { ...best, values: best.values.with(0, 5) };
    const answer = await askForNodes({ problem, best: worse, aim: 'nodes', known, othersCost: () => NOTHING, solve });
    expect(answer.known.least).toBeLessThanOrEqual(4);
  });

  it('never claims more than the optimum, comes to it mostly, and what it finds fits', async () => {
    const seen = { asked: 0, exact: 0, found: 0 };
    await fc.assert(
      fc.asyncProperty(anyTinyShape, anyGuests, fc.integer({ min: 1, max: 3 }), async (shape, guests, worse) => {
        const problem = makeProblem(shape, guests);
        const tried = searchArrangement({ ...problem, budget: 1_000_000, seed: null });
        if (tried.kind === 'none' || tried.arrangement.proof.kind !== 'optimal') return;
        const optimum = settle(tried.arrangement.shapes, problem);
        if (optimum === null) throw new Error('the optimum does not fit');
        for (const [rank, aim] of (['nodes', 'distance', 'deviceDistance'] as const).entries()) {
          const value = optimum.values[rank] ?? 0;
          const best = { ...optimum, values: optimum.values.with(rank, value + worse) };
          const known = { least: 0, nodesAsked: -1 };
          const answer = await askForNodes({ problem, best, aim, known, othersCost: () => NOTHING, solve });
          judge(answer, { problem, rank, value }, seen);
        }
      }),
      runs(40),
    );
    expect(seen.asked).toBeGreaterThan(20);
    expect(seen.exact).toBeGreaterThan(0.9 * seen.asked);
    expect(seen.found).toBeGreaterThan(0.8 * seen.asked);
  });
});

describe('askByBlocks()', () => {
  it('never claims more than the optimum, comes to it mostly, and what it finds fits', async () => {
    const seen = { asked: 0, exact: 0, found: 0 };
    await fc.assert(
      fc.asyncProperty(anyTinyShape, anyGuests, fc.integer({ min: 1, max: 3 }), async (shape, guests, worse) => {
        const problem = makeProblem(shape, guests);
        const bounds = lowerBounds(problem);
        const tried = searchArrangement({ ...problem, budget: 1_000_000, seed: null });
        if (bounds === null || tried.kind === 'none' || tried.arrangement.proof.kind !== 'optimal') return;
        const optimum = settle(tried.arrangement.shapes, problem);
        if (optimum === null) throw new Error('the optimum does not fit');
        for (const [aim, rank] of [
          ['nodes', 0],
          ['distance', 1],
          ['imbalance', 6],
        ] as const) {
          const value = optimum.values[rank] ?? 0;
          const best = { ...optimum, values: optimum.values.with(rank, value + worse) };
          const known = { least: 0, nodesAsked: -1 };
          const answer = await askByBlocks({
            problem,
            best,
            aim,
            known,
            bounds,
            emptiest: null,
            othersCost: () => NOTHING,
            solve,
          });
          judge(answer, { problem, rank, value }, seen);
        }
      }),
      runs(40),
    );
    expect(seen.asked).toBeGreaterThan(20);
    expect(seen.exact).toBeGreaterThan(0.8 * seen.asked);
    expect(seen.found).toBeGreaterThan(0.7 * seen.asked);
  });
});
