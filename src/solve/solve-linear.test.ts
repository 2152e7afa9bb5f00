// Small linear models through HiGHS, and plans that it proves beside plans that were proved by trying everything.
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { runs } from '#fixtures/property-runs.ts';
import { afterApply, anyHost, buildHost, flatShape, type WishList, wishesFor } from '#fixtures/random-host.ts';

import type { LinearModel, Solve } from '#plan/linear-model.ts';
import { makePlan, makeProvenPlan, type PlanInput } from '#plan/make-plan.ts';
import { loadHighs, solveLinear } from './solve-linear.ts';

const highs = await loadHighs(createRequire(import.meta.url));
const solve: Solve = (model, limits) => Promise.resolve(solveLinear(highs, model, limits));
const NONE: ReadonlySet<number> = new Set();
const LIMITS = { nodes: 1000, iterations: 10_000 };
const AT_MOST = Number.NEGATIVE_INFINITY;
const AT_LEAST = Number.POSITIVE_INFINITY;

/** Terms as pairs of a variable and its coefficient. */
const row = (least: number, most: number, ...terms: [number, number][]) => ({ least, most, terms: new Map(terms) });

describe('solveLinear()', () => {
  it.each<[string, LinearModel, unknown]>([
    [
      'finds the least value in whole numbers, above that of fractions',
      { amounts: NONE, most: [9, 9], cost: [2, 3], rows: [row(7, AT_LEAST, [0, 2], [1, 2])] },
      { kind: 'optimal', value: 8 },
    ],
    [
      'says that rows exclude each other',
      { amounts: NONE, most: [9], cost: [0], rows: [row(4, AT_LEAST, [0, 1]), row(AT_MOST, 3, [0, 1])] },
      { kind: 'infeasible' },
    ],
    [
      'says that one row excludes everything',
      { amounts: NONE, most: [9], cost: [0], rows: [row(0, -1, [0, 1])] },
      { kind: 'infeasible' },
    ],
    [
      'says that no whole number fits',
      { amounts: NONE, most: [9], cost: [0], rows: [row(3, 3, [0, 2])] },
      { kind: 'infeasible' },
    ],
    [
      'finds fractions where they are allowed',
      { amounts: new Set([1]), most: [9, 9], cost: [1, 0], rows: [row(3, 3, [0, 2], [1, 2]), row(0, 1, [1, 2])] },
      { kind: 'optimal', value: 1 },
    ],
    [
      'takes a model without rows',
      { amounts: NONE, most: [3], cost: [-1], rows: [] },
      { kind: 'optimal', value: -3, values: [3] },
    ],
  ])('%s', (_, model, solution) => {
    expect(solveLinear(highs, model, LIMITS)).toMatchObject(solution as object);
  });
});

/** Which way \`auto\` goes is decided before the solver is asked, by first arrangements: without a budget by others than with one. */
const withoutAuto = (wishes: WishList): WishList =>
  Object.fromEntries(
    Object.entries(wishes).map(([vmid, wish]) => [vmid, wish.smt === 'auto' ? { ...wish, smt: 'any' as const } : wish]),
  );

describe('makeProvenPlan()', () => {
  const input = (inventory: PlanInput['inventory'], wishes: PlanInput['wishes'], coresPerNode: number): PlanInput => ({
    ...{ inventory, wishes, housekeeping: { coresPerNode, cpus: null }, isolation: 'none' as const },
    ...{ policyDigest: '', through: 'file' as const },
  });

  it('comes to the same aims as trying everything, wherever both prove them', async () => {
    let proved = 0;
    await fc.assert(
      fc.asyncProperty(anyHost, async host => {
        const { inventory, wishes, coresPerNode } = buildHost(host);
        const asked = input(inventory, wishesFor(inventory, withoutAuto(wishes)), coresPerNode);
        const tried = makePlan(asked);
        // Without a budget only the first arrangement is made; the rest is the solver's.
        const solved = await makeProvenPlan({ ...asked, budget: 0 }, solve);
        if (tried.kind !== 'plan' || solved.kind !== 'plan') return;
        if (tried.proof.kind !== 'optimal' || solved.proof.kind !== 'optimal') return;
        expect(solved.aims).toEqual(tried.aims);
        proved++;
      }),
      runs(30),
    );
    expect(proved).toBeGreaterThan(8);
  });

  it('comes to the same aims as trying everything when only so many guests may move', async () => {
    let proved = 0;
    await fc.assert(
      fc.asyncProperty(anyHost, fc.nat(2), async (host, mostMoves) => {
        const { inventory, wishes, coresPerNode } = buildHost(host);
        const asked = { ...input(inventory, wishesFor(inventory, withoutAuto(wishes)), coresPerNode), mostMoves };
        const tried = makePlan(asked);
        const solved = await makeProvenPlan({ ...asked, budget: 0 }, solve);
        if (tried.kind !== 'plan' || solved.kind !== 'plan') return;
        if (tried.proof.kind !== 'optimal' || solved.proof.kind !== 'optimal') return;
        expect(solved.aims).toEqual(tried.aims);
        proved++;
      }),
      runs(15),
    );
    expect(proved).toBeGreaterThan(3);
  });

  it('changes nothing when it plans a host that follows its proved plan', async () => {
    let proved = 0;
    await fc.assert(
      fc.asyncProperty(anyHost, async host => {
        const { inventory, wishes, coresPerNode } = buildHost(host);
        const planned = async (on: PlanInput['inventory']) => {
          const made = await makeProvenPlan(
            { ...input(on, wishesFor(on, withoutAuto(wishes)), coresPerNode), budget: 0 },
            solve,
          );
          return made.kind === 'plan' && made.proof.kind === 'optimal' ? made : null;
        };
        const first = await planned(inventory);
        if (first === null) return;
        const again = await planned(afterApply(inventory, first));
        expect(again?.changes).toEqual([]);
        expect(again?.placement).toEqual(first.placement);
        proved++;
      }),
      runs(15),
    );
    expect(proved).toBeGreaterThan(3);
  });

  it('keeps the quick plan, with an honest proof, when the solver gives up', async () => {
    const guests = [7, 7, 4, 4, 4].map((vcpus, index) => makeVm(100 + index, vcpus));
    const inventory = makeInventory(flatShape(10, 3), guests);
    // How crowded the confined ones are, only the solver can prove.
    const wishes = Object.fromEntries(
      guests.map(({ vmid, vcpus }) => [vmid, { class: vcpus === 7 ? ('dedicated' as const) : ('confined' as const) }]),
    );
    const asked = input(inventory, wishesFor(inventory, wishes), 0);
    const given: Solve = () => Promise.resolve({ kind: 'stopped', bound: 0, values: null });
    const quick = makePlan({ ...asked, budget: 0 });
    const made = await makeProvenPlan({ ...asked, budget: 0 }, given);
    expect(made).toEqual(quick);
    expect(made).toMatchObject({ proof: { kind: 'unproved' } });
  });
});
