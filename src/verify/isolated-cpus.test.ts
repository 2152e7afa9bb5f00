// CPUs that the kernel isolates: nobody confined runs there, so a dedicated guest there takes nothing from confined ones.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { ownCpus } from '#domain/placement.ts';
import { makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { runs } from '#fixtures/property-runs.ts';
import { anyHost, buildHost, feasiblePlan, flatShape, inputFor, planFor } from '#fixtures/random-host.ts';
import { shapes } from '#fixtures/shapes.ts';
import { checkPlan } from './check-plan.ts';

describe('a plan where the kernel isolates CPUs', () => {
  it('puts a dedicated guest there when confined ones need the others', () => {
    const inventory = makeInventory({ ...flatShape(8, 1), isolated: [6, 7] }, [makeVm(100, 2), makeVm(101, 5)]);
    const made = feasiblePlan(inventory, { 100: { class: 'dedicated' }, 101: { class: 'confined' } }, 0);
    const [first] = made.placement.guests;
    expect(first && ownCpus(first).equals(cpuSet([6, 7] as never))).toBe(true);
  });

  it.each([
    ['one thread of some cores', [4, 12, 21]],
    ['whole cores', [4, 20, 12, 28]],
  ])('claims what is true when they are %s', (_, isolated) => {
    let confined = 0;
    fc.assert(
      fc.property(anyHost, words => {
        const { inventory, wishes, coresPerNode } = buildHost({ ...words, shape: { ...shapes.article, isolated } });
        const input = inputFor(inventory, wishes, coresPerNode);
        const made = planFor(inventory, wishes, coresPerNode);
        if (made.kind === 'infeasible') return;
        confined += made.placement.guests.filter(guest => guest.class === 'confined').length;
        expect(checkPlan(made, inventory, input)).toEqual([]);
      }),
      runs(40),
    );
    expect(confined).toBeGreaterThan(5);
  });
});
