// What guests add to an aim is, all together, the aim.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AimName } from '#domain/plan.ts';
import { makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { runs } from '#fixtures/property-runs.ts';
import { anyHost, buildHost, flatShape, inputFor, planFor } from '#fixtures/random-host.ts';
import { makeDemands } from './demand.ts';
import { guestCosts } from './guest-costs.ts';
import { makePlan, type PlanInput } from './make-plan.ts';

function sumsOf(input: PlanInput) {
  const made = makePlan(input);
  if (made.kind === 'infeasible') return null;
  const demands = new Map(makeDemands(input.inventory, input.wishes, 'any').map(demand => [demand.vmid, demand]));
  const placed = made.placement.guests.filter(guest => guest.class !== 'shared');
  const host = { topology: input.inventory.topology, housekeeping: made.placement.housekeeping };
  const costs = placed.map(guest => guestCosts(guest, host, demands.get(guest.vmid)));
  return (name: AimName) => ({
    told: costs.reduce((sum, cost) => sum + (cost[name] ?? 0), 0),
    aim: made.aims.find(({ aim }) => aim === name)?.value,
  });
}

describe('guestCosts()', () => {
  it('adds up to the aims of the plan', () => {
    let seen = 0;
    fc.assert(
      fc.property(anyHost, host => {
        const { inventory, wishes, coresPerNode } = buildHost(host);
        const sums = sumsOf(inputFor(inventory, wishes, coresPerNode));
        if (sums === null) return;
        for (const name of ['nodes', 'distance', 'deviceDistance'] as const) {
          const { told, aim } = sums(name);
          expect({ name, value: told }).toEqual({ name, value: aim });
        }
        seen++;
      }),
      runs(15),
    );
    expect(seen).toBeGreaterThan(5);
  });

  it('counts the way from a node with less memory than its share', () => {
    const shape = flatShape(8, 2);
    const nodes = shape.nodes.map((node, id) => ({ ...node, memoryMiB: 24_000, freeMiB: id === 0 ? 20_000 : 4_000 }));
    const inventory = makeInventory({ ...shape, nodes }, [makeVm(100, 12, { memoryMiB: 20_000 })]);
    const input = inputFor(inventory, { 100: { class: 'dedicated' } });
    expect(planFor(inventory, { 100: { class: 'dedicated' } }).kind).toBe('plan');
    const { told, aim } = sumsOf(input)?.('distance') ?? {};
    expect(told).toBe(aim);
    const [between] = shape.distances.map(row => row[1] ?? 0);
    expect(told).toBeGreaterThan(between ?? 0);
  });
});
