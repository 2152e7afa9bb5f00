// Plans that the solver proves, beside a plain enumeration of every arrangement on tiny hosts: the same optimum, and sound.
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bruteForce, makeMachine } from '#fixtures/brute-force.ts';
import { makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { runs } from '#fixtures/property-runs.ts';
import { flatShape, inputFor } from '#fixtures/random-host.ts';
import type { Shape } from '#fixtures/shapes.ts';
import { anyAlikeShape, anyTinyGuest, anyTinyShape, buildTiny, type TinyGuest } from '#fixtures/tiny-hosts.ts';
import type { Solve } from '#plan/linear-model.ts';
import { makeProvenPlan } from '#plan/make-plan.ts';
import { loadHighs, solveLinear } from '#solve/solve-linear.ts';
import { checkPlan } from '#verify/check-plan.ts';

const highs = await loadHighs(createRequire(import.meta.url));
const solve: Solve = (model, limits) => Promise.resolve(solveLinear(highs, model, limits));

const anyGuests = fc.array(anyTinyGuest, { minLength: 1, maxLength: 3 });

/** Mostly confined, on hosts with caches that can be exchanged. */
const anyCrowd = fc.array(
  fc.tuple(anyTinyGuest, fc.boolean()).map(([guest, isConfined]): TinyGuest => {
    return isConfined ? { ...guest, class: 'confined', emulator: 'housekeeping' } : guest;
  }),
  { minLength: 2, maxLength: 4 },
);

describe('makeProvenPlan()', () => {
  it.each([
    { what: 'any guests', shapes: anyTinyShape, guestLists: anyGuests },
    { what: 'crowds of confined guests', shapes: anyAlikeShape, guestLists: anyCrowd },
  ])(
    'finds the optimum of a plain enumeration without trying anything itself: $what',
    async ({ shapes, guestLists }) => {
      const seen = { cases: 0, proved: 0 };
      await fc.assert(
        fc.asyncProperty(shapes, guestLists, async (shape, guests) => {
          const { inventory, wishes } = buildTiny(shape, guests);
          const input = { ...inputFor(inventory, wishes), budget: 0 };
          const made = await makeProvenPlan(input, solve);
          const best = bruteForce(guests, makeMachine(inventory));
          seen.cases++;
          if (made.kind === 'infeasible') {
            if (made.proved) expect(best).toBeNull();
            seen.proved += made.proved ? 1 : 0;
            return;
          }
          expect(checkPlan(made, inventory, input)).toEqual([]);
          if (made.proof.kind !== 'optimal') return;
          expect(made.aims.map(({ value }) => value)).toEqual(best);
          seen.proved++;
        }),
        runs(40),
      );
      expect(seen.proved).toBeGreaterThan(0.9 * seen.cases);
    },
  );

  it('shares no core where guests and those confined to caches have one each', async () => {
    const host = flatShape(1, 4);
    const shape = { ...host, nodes: host.nodes.slice(0, 1), distances: [[10]] };
    const [boot, ...others] = shape.llcs.map(llc => ({ ...llc, package: 0, node: 0 }));
    const withCores = (llc: Shape['llcs'][number]) => ({ ...llc, cores: [{ count: 1, threads: 4 as const }] });
    const inventory = makeInventory(
      { ...shape, llcs: [...(boot ? [boot] : []), ...others.map(withCores)] },
      [100, 101, 102].map(vmid => makeVm(vmid, 2)),
    );
    const own = { class: 'dedicated', smt: 'any' } as const;
    const wishes = { 100: own, 101: own, 102: { class: 'confined', span: 'llc' } } as const;
    const made = await makeProvenPlan({ ...inputFor(inventory, wishes), budget: 0 }, solve);
    expect(made).toMatchObject({ kind: 'plan', proof: { kind: 'optimal' } });
    expect(made.kind === 'plan' && made.aims.find(({ aim }) => aim === 'sharedCores')?.value).toBe(0);
  });
});
