// The search against a plain enumeration of every arrangement on tiny hosts: the same optimum, or none for both.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bruteForce, makeMachine } from '#fixtures/brute-force.ts';
import { runs } from '#fixtures/property-runs.ts';
import { planFor } from '#fixtures/random-host.ts';
import { anyTinyGuest, anyTinyShape, buildTiny } from '#fixtures/tiny-hosts.ts';

describe('searchArrangement()', () => {
  it('finds the optimum of a plain enumeration, or proves that there is none', () => {
    let found = 0;
    fc.assert(
      fc.property(anyTinyShape, fc.array(anyTinyGuest, { minLength: 1, maxLength: 3 }), (shape, guests) => {
        const { inventory, wishes } = buildTiny(shape, guests);
        const made = planFor(inventory, wishes);
        const best = bruteForce(guests, makeMachine(inventory));
        if (made.kind === 'infeasible') {
          expect(made.proved).toBe(true);
          expect(best).toBeNull();
          return;
        }
        found++;
        expect(made.proof).toEqual({ kind: 'optimal' });
        expect(made.aims.map(({ value }) => value)).toEqual(best);
      }),
      runs(100),
    );
    expect(found).toBeGreaterThan(20);
  });
});
