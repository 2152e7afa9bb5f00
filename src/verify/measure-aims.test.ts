// The aims of layouts that are drawn by hand, and of every plan: measured without the planner, they are what it says.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import { cpuId, numaNodeId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { AimName, Plan } from '#domain/plan.ts';
import { makeInventory } from '#fixtures/make-inventory.ts';
import { runs } from '#fixtures/property-runs.ts';
import { afterApply, anyHost, buildHost, flatShape, planFor, type WishList, wishesFor } from '#fixtures/random-host.ts';
import { type Shape, shapes } from '#fixtures/shapes.ts';
import { checkPlan } from './check-plan.ts';
import type { LaidGuest } from './laid-guest.ts';
import { measureAims } from './measure-aims.ts';
import { planLayout } from './plan-layout.ts';

/** A stopped dedicated guest on these CPUs, with memory on these nodes. */
function laid(cpus: readonly number[], memoryNodes: readonly number[], more: Partial<LaidGuest> = {}): LaidGuest {
  return {
    class: 'dedicated',
    vcpus: cpus.length,
    cpus: cpus.map(cpuId),
    span: 'node',
    emulatorCpus: cpuSet(),
    memoryNodes: nodeSet(memoryNodes),
    leanNodes: nodeSet(),
    deviceNodes: [],
    wantsLargeCache: false,
    before: { cpus: cpuSet(), nodes: nodeSet(), residentMiB: new Map() },
    ...more,
  };
}

/** The aims that are not 0. */
function costOf(shape: Shape, guests: readonly LaidGuest[], housekeeping: readonly number[] = []) {
  const { topology } = makeInventory(shape, []);
  const aims = measureAims({ topology, housekeeping: cpuSet(housekeeping), guests });
  return Object.fromEntries(aims.filter(({ value }) => value !== 0).map(({ aim, value }) => [aim, value]));
}

const from = (cpus: readonly number[], nodes: readonly number[] = [], resident: Record<number, number> = {}) => ({
  before: {
    cpus: cpuSet(cpus),
    nodes: nodeSet(nodes),
    residentMiB: new Map(Object.entries(resident).map(([node, mib]) => [numaNodeId(Number(node)), mib])),
  },
});

/** Two nodes of eight cores, CPU N and N+16 are siblings. */
const { article } = shapes;

describe('measureAims()', () => {
  it('counts the way from a node with less memory than its share to the next that has enough', () => {
    const { topology } = makeInventory(flatShape(2, 2), []);
    const spread = laid([0, 2], [0, 1], { leanNodes: nodeSet([1]) });
    const aims = measureAims({ topology, housekeeping: cpuSet(), guests: [spread] });
    expect(aims.find(({ aim }) => aim === 'distance')?.value).toBe(20 + 10);
  });

  it('is 0 in every aim for nobody', () => expect(costOf(article, [])).toEqual({}));

  const cases: ReadonlyArray<
    readonly [what: string, shape: Shape, guests: readonly LaidGuest[], cost: Partial<Record<AimName, number>>]
  > = [
    [
      'one guest on two cores: a node, a cache, and none of them whole for others',
      { ...article },
      [laid([1, 2], [0])],
      { nodes: 1, llcs: 1 },
    ],
    [
      'a guest on both nodes',
      article,
      [laid([1, 2, 8], [0, 1])],
      { nodes: 2, distance: 21, llcs: 2, imbalance: 1, nodeFragmentation: 1, llcFragmentation: 1 },
    ],
    ['memory on the other node only', article, [laid([1], [1])], { nodes: 1, distance: 11, llcs: 1 }],
    ['memory on the other node too', article, [laid([1], [0, 1])], { nodes: 1, distance: 11, llcs: 1 }],
    [
      'devices on the other node',
      article,
      [laid([1], [0], { deviceNodes: [numaNodeId(1), numaNodeId(0), numaNodeId(1)] })],
      { nodes: 1, deviceDistance: 22, llcs: 1 },
    ],
    [
      'half a guest outside the large cache',
      shapes['ryzen-x3d'],
      [laid([1, 2, 9, 10], [0], { wantsLargeCache: true })],
      { nodes: 1, llcs: 2, smallCache: 2, nodeFragmentation: 4, llcFragmentation: 2 },
    ],
    [
      'a guest confined to more than the large cache',
      shapes['ryzen-x3d'],
      [laid([1, 2, 9, 10], [0], { class: 'confined', vcpus: 3, wantsLargeCache: true })],
      { nodes: 1, llcs: 2, smallCache: 3 },
    ],
    ['two guests on one core', article, [laid([1], [0]), laid([17], [0])], { nodes: 2, llcs: 2, sharedCores: 1 }],
    [
      'cores of its own for emulator threads, in a node that is then full',
      article,
      [laid([0, 1, 2, 3, 4, 5, 6], [0], { emulatorCpus: cpuSet([7, 23]) }), laid([8], [1])],
      { nodes: 2, llcs: 2, nodeFragmentation: 1, llcFragmentation: 1 },
    ],
    [
      'efficiency cores',
      shapes.hybrid,
      [laid([16, 17], [0])],
      { nodes: 1, llcs: 1, efficiencyCores: 2, nodeFragmentation: 2, llcFragmentation: 2 },
    ],
    [
      'a running guest that leaves its cache, its node and its memory',
      article,
      [laid([8, 9, 10], [1], from([1, 2, 8], [0, 1], { 0: 3000, 1: 1000 }))],
      { nodes: 1, llcs: 1, memoryElsewhere: 3, moves: 2 },
    ],
    [
      'other cores of the same cache: nobody can tell',
      article,
      [laid([3, 4], [0], from([1, 2], [0]))],
      { nodes: 1, llcs: 1 },
    ],
    [
      'confined guests: 16 vCPUs on a node of 16 CPUs, 8 more on one of its two caches',
      shapes['epyc-nps4'],
      [
        laid([0, 1, 2, 3, 4, 5, 6, 7, 64, 65, 66, 67, 68, 69, 70, 71], [0], { class: 'confined', vcpus: 16 }),
        laid([0, 1, 2, 3, 64, 65, 66, 67], [0], { class: 'confined', vcpus: 8, span: 'llc' }),
      ],
      // On the first cache 1 + 1 vCPUs per CPU, on the second 1: 8 × 4 + 8 × 1.
      { nodes: 2, llcs: 3, pressure: 272 },
    ],
    [
      'a confined guest that leaves its node',
      article,
      [laid([8, 9], [1], { class: 'confined', vcpus: 2, ...from([], [0]) })],
      { nodes: 1, llcs: 1, moves: 2 },
    ],
    ['a CPU that the machine does not have', article, [laid([99], [0])], {}],
  ];
  it.each(cases)('prices %s', (_, shape, guests, cost) => expect(costOf(shape, guests)).toEqual(cost));

  it('counts no core of the host as lost to guests', () => {
    const guests = [laid([1, 2, 3, 4, 5, 6, 7], [0]), laid([8, 9], [1])];
    expect(costOf(article, guests, [0, 16, 15, 31])).toMatchObject({ nodeFragmentation: 2, llcFragmentation: 2 });
  });
});

/** What the plan's layout costs on this host, by the measure. */
function measured(made: Plan, inventory: Inventory, list: WishList) {
  const { placement } = made;
  const input = { inventory, placement, wishes: wishesFor(inventory, list) };
  const guests = placement.guests.flatMap(placed => {
    const guest = inventory.guests.find(({ vmid }) => vmid === placed.vmid);
    return guest ? [{ guest, placed }] : [];
  });
  return measureAims(planLayout(guests, { ...input }));
}

describe('the aims of a plan', () => {
  it('are those of its layout, in the first plan and in the next one with other wishes', () => {
    fc.assert(
      fc.property(anyHost, anyHost, (host, later) => {
        const { inventory, wishes, coresPerNode } = buildHost(host);
        const made = planFor(inventory, wishes, coresPerNode);
        if (made.kind === 'infeasible') return;
        expect(measured(made, inventory, wishes)).toEqual(made.aims);
        const after = afterApply(inventory, made);
        const otherWishes = buildHost({ ...host, guests: later.guests }).wishes;
        const next = planFor(after, otherWishes, coresPerNode);
        if (next.kind === 'infeasible') return;
        expect(measured(next, after, otherWishes)).toEqual(next.aims);
      }),
      runs(40),
    );
  });

  it.each<AimName>(['nodes', 'llcs', 'imbalance', 'llcFragmentation'])(
    'are refused when %s is claimed too low',
    aim => {
      const { inventory, wishes } = buildHost({ shape: article, guests: [], coresPerNode: 1 });
      const made = planFor(inventory, wishes, 1);
      if (made.kind === 'infeasible') throw new Error('nothing was asked for');
      const aims = made.aims.map(claim => (claim.aim === aim ? { aim, value: claim.value - 1 } : claim));
      const wanted = { housekeeping: { coresPerNode: 1, cpus: null }, wishes: wishesFor(inventory, wishes) };
      expect(checkPlan({ ...made, aims }, inventory, wanted)).toEqual([
        { code: 'plan-aims-mismatch', severity: 'error', aim, claimed: -1, measured: 0 },
      ]);
    },
  );
});
