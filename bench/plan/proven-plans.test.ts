// Plans that the solver proves, beside a plain enumeration of every arrangement on tiny hosts: the same optimum, and sound.
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bruteForce, makeMachine } from '#fixtures/brute-force.ts';
import { makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { runs } from '#fixtures/property-runs.ts';
import { flatShape, inputFor } from '#fixtures/random-host.ts';
import type { ShapeCores } from '#fixtures/shapes.ts';
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

  it.each<[caches: number, cores: ShapeCores, dedicated: readonly number[], confined: readonly number[]]>([
    [3, { count: 1, threads: 4 }, [2, 2], [2]],
    [4, { count: 1, threads: 4 }, [1, 3], [3]],
    [3, { count: 2, threads: 2 }, [1, 3], [1, 1, 3]],
  ])(
    'proves on %i caches of %o that %o share no core beside %o in caches',
    async (caches, cores, dedicated, confined) => {
      const { llcs, ...shape } = flatShape(1, 1);
      const others = Array.from({ length: caches }, () => llcs.map(llc => ({ ...llc, cores: [cores] }))).flat();
      const guests = [...dedicated, ...confined].map((vcpus, at) => makeVm(100 + at, vcpus, { memoryMiB: 64 }));
      const inventory = makeInventory({ ...shape, llcs: [...llcs, ...others] }, guests);
      const wishes = guests.map(({ vmid }, at) => [
        vmid,
        at < dedicated.length ? { class: 'dedicated', smt: 'any' } : { class: 'confined', span: 'llc' },
      ]);
      const made = await makeProvenPlan({ ...inputFor(inventory, Object.fromEntries(wishes)), budget: 0 }, solve);
      expect(made).toMatchObject({ kind: 'plan', proof: { kind: 'optimal' } });
      expect(made.kind === 'plan' && made.aims.find(({ aim }) => aim === 'sharedCores')?.value).toBe(0);
    },
  );
});
