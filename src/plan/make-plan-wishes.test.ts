// What a policy wishes of a place besides CPUs: to be near devices, and to have the large cache.
import { describe, expect, it } from 'vitest';
import { encodeIdList } from '#domain/id-list.ts';
import { numaNodeId } from '#domain/ids.ts';
import { type GuestPlacement, ownCpus } from '#domain/placement.ts';
import type { AimName, Plan } from '#domain/plan.ts';
import { makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { feasiblePlan, flatShape } from '#fixtures/random-host.ts';
import { shapes } from '#fixtures/shapes.ts';

const dedicated = { class: 'dedicated' } as const;
const placed = (made: Plan, vmid: number) => made.placement.guests.find(guest => guest.vmid === vmid) as GuestPlacement;
const nodesOf = (made: Plan, vmid: number) => encodeIdList(placed(made, vmid).nodes);
const cost = (made: Plan, name: AimName) => made.aims.find(({ aim }) => aim === name)?.value;
const near = (devices: Record<string, number>) => ({
  deviceNodes: new Map(Object.entries(devices).map(([key, node]) => [key, numaNodeId(node)])),
});

describe('makePlan() with passthrough devices', () => {
  const made = (devices: Record<string, number>, wish = {}) =>
    feasiblePlan(makeInventory(flatShape(4, 2), [makeVm(100, 2, near(devices))]), { 100: { ...dedicated, ...wish } });

  it.each([
    ['is near its only device', { hostpci0: 1 }, {}, '1', 0],
    ['is near most of its devices', { hostpci0: 0, hostpci1: 1, hostpci2: 1 }, {}, '1', 10],
    ['is near the one device that matters', { hostpci0: 1, hostpci1: 0, hostpci2: 0 }, { near: ['hostpci0'] }, '1', 0],
    ['is anywhere when none matters', { hostpci0: 1 }, { near: [] }, '0', 0],
    ['is near its device when it is confined', { hostpci0: 1 }, { class: 'confined' }, '1', 0],
  ])('%s', (_, devices, wish, nodes, distance) => {
    const plan = made(devices as unknown as Record<string, number>, wish);
    expect(nodesOf(plan, 100)).toBe(nodes);
    expect(cost(plan, 'deviceDistance')).toBe(distance);
  });

  it('stays in one node rather than span two for a device on each', () => {
    const plan = made({ hostpci0: 0, hostpci1: 1 });
    expect(cost(plan, 'nodes')).toBe(1);
    expect(cost(plan, 'deviceDistance')).toBe(10);
  });

  it('gives the node to the guest whose device is there, not to the first that asks', () => {
    const guests = [makeVm(100, 3), makeVm(101, 3, near({ hostpci0: 0 }))];
    const plan = feasiblePlan(makeInventory(flatShape(4, 2), guests), { 100: dedicated, 101: dedicated });
    expect(nodesOf(plan, 101)).toBe('0');
    expect(nodesOf(plan, 100)).toBe('1');
  });
});

describe('makePlan() with a large-cache die', () => {
  /** Its second die has the large cache: the lowest cores are no answer. */
  const x3d = { ...shapes['ryzen-x3d'], llcs: shapes['ryzen-x3d'].llcs.toReversed() };
  const dieOf = (made: Plan, vmid: number) =>
    ownCpus(placed(made, vmid)).ids.every(cpu => cpu % 16 >= 8) ? 'large' : 'small';

  it('puts the only dedicated guest there', () => {
    expect(dieOf(feasiblePlan(makeInventory(x3d, [makeVm(100, 6)]), { 100: dedicated }), 100)).toBe('large');
  });

  it('leaves it alone for a guest that wants none', () => {
    const made = feasiblePlan(makeInventory(x3d, [makeVm(100, 6)]), { 100: { ...dedicated, cache: 'any' } });
    expect(dieOf(made, 100)).toBe('small');
  });

  it('gives it to the guest that asks for it, of several', () => {
    const made = feasiblePlan(makeInventory(x3d, [makeVm(100, 6), makeVm(101, 6)]), {
      100: { ...dedicated, smt: 'isolate' },
      101: { ...dedicated, smt: 'isolate', cache: 'large' },
    });
    expect([dieOf(made, 100), dieOf(made, 101)]).toEqual(['small', 'large']);
  });

  it('gives it to a confined guest that asks for it', () => {
    const made = feasiblePlan(makeInventory(x3d, [makeVm(100, 6)]), {
      100: { class: 'confined', span: 'llc', cache: 'large' },
    });
    expect(placed(made, 100).affinity.ids.every(cpu => cpu % 16 >= 8)).toBe(true);
  });

  it('counts the vCPUs that find no room there', () => {
    const made = feasiblePlan(makeInventory(x3d, [makeVm(100, 20)]), { 100: dedicated });
    expect(cost(made, 'smallCache')).toBe(4);
  });

  it('counts nothing where all caches are alike', () => {
    const made = feasiblePlan(makeInventory(shapes.article, [makeVm(100, 4)]), {
      100: { ...dedicated, cache: 'large' },
    });
    expect(cost(made, 'smallCache')).toBe(0);
  });
});
