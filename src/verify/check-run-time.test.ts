// Plans and placements of guests whose configs name nothing of the host.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GuestPolicy } from '#domain/policy.ts';
import { makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { runs } from '#fixtures/property-runs.ts';
import { afterApply, anyHost, buildHost, feasiblePlan, flatShape, planFor, wishesFor } from '#fixtures/random-host.ts';
import { checkPlan } from './check-plan.ts';
import { verifyPlacement } from './verify-placement.ts';

const DEDICATED = { class: 'dedicated' } as const;
const RUNTIME = { ...DEDICATED, config: 'runtime' } as const;
const inventory = makeInventory(flatShape(4, 2), [makeVm(100, 6, { memoryMiB: 2048 })]);
const housekeeping = { coresPerNode: 0, cpus: null };

describe('checkPlan() for a guest that is placed at run time only', () => {
  it.each<[string, Partial<GuestPolicy>, Partial<GuestPolicy>]>([
    ['writes a config that must name nothing', DEDICATED, RUNTIME],
    ['leaves out what the config must name', RUNTIME, DEDICATED],
    ['is not strict as it must be', RUNTIME, { ...RUNTIME, strict: true }],
    ['is strict and need not be', { ...RUNTIME, strict: true }, RUNTIME],
  ])('refuses a plan that %s', (_case, planned, wanted) => {
    const made = feasiblePlan(inventory, { 100: planned });
    const found = checkPlan(made, inventory, { housekeeping, wishes: wishesFor(inventory, { 100: wanted }) });
    expect(found.map(({ code }) => code)).toEqual(['plan-policy-ignored']);
  });

  it('accepts every plan that is made', () => {
    fc.assert(
      fc.property(anyHost, host => {
        const { inventory: any, wishes, coresPerNode } = buildHost(host);
        const list = Object.fromEntries(
          Object.entries(wishes).map(([id, wish]) => [id, { ...wish, config: 'runtime' as const }]),
        );
        const made = planFor(any, list, coresPerNode);
        if (made.kind === 'infeasible') return;
        const wanted = { housekeeping: { coresPerNode, cpus: null }, wishes: wishesFor(any, list) };
        expect(checkPlan(made, any, wanted)).toEqual([]);
      }),
      runs(20),
    );
  });
});

describe('verifyPlacement() for a guest that is placed at run time only', () => {
  it('finds it in force with a config that names nothing, and drift when a line comes back', () => {
    const { placement, changes } = feasiblePlan(inventory, { 100: RUNTIME });
    expect(changes).toHaveLength(1);
    const after = afterApply(inventory, feasiblePlan(inventory, { 100: RUNTIME }));
    const verify = (state: typeof after) =>
      verifyPlacement({ inventory: state, placement, tasks: [], only: null }).findings.map(({ code }) => code);
    expect(verify(after)).toEqual([]);
    const guests = after.guests.map(guest => ({ ...guest, raw: new Map([...guest.raw, ['affinity', '2-3']]) }));
    expect(verify({ ...after, guests })).toEqual(['config-drift']);
  });
});
