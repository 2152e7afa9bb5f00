// Guests that are held in a part of the host, and limits on how many may be moved: laws that any engine has to keep.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeIdList } from '#domain/id-list.ts';
import { type LlcId, llcId, type NumaNodeId, numaNodeId, vmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import { type GuestPlacement, ownCpus } from '#domain/placement.ts';
import type { Infeasible, Plan } from '#domain/plan.ts';
import { makeInventory, makeVm, makeVmRuntime } from '#fixtures/make-inventory.ts';
import { runs } from '#fixtures/property-runs.ts';
import { afterApply, anyHost, buildHost, flatShape, inputFor, type WishList } from '#fixtures/random-host.ts';
import { shapes } from '#fixtures/shapes.ts';
import { makePlan, type PlanInput } from './make-plan.ts';

const dedicated = { class: 'dedicated' } as const;

type Trial = Pick<PlanInput, 'held' | 'mostMoves'>;

const tryPlan = (inventory: Inventory, list: WishList, trial: Trial, coresPerNode = 0): Plan | Infeasible =>
  makePlan({ ...inputFor(inventory, list, coresPerNode), ...trial });

const held = (vmid: number, nodes: readonly number[] | null, llcs: readonly number[] | null = null): Trial => ({
  held: new Map([
    [
      vmId(vmid),
      {
        allowedNodes: nodes && new Set<NumaNodeId>(nodes.map(numaNodeId)),
        allowedLlcs: llcs && new Set<LlcId>(llcs.map(llcId)),
      },
    ],
  ]),
});

function guestOf(made: Plan | Infeasible, vmid: number): GuestPlacement {
  const guest = made.kind === 'plan' ? made.placement.guests.find(candidate => candidate.vmid === vmid) : undefined;
  if (!guest) throw new Error(`guest ${vmid} is not placed`);
  return guest;
}

describe('makePlan() with a guest held', () => {
  const inventory = makeInventory(flatShape(6), [makeVm(100, 4), makeVm(101, 4)]);
  const both = { 100: dedicated, 101: dedicated };

  it.each([
    { node: 0, other: 1 },
    { node: 1, other: 0 },
  ])('on node $node puts it there, and the other guest elsewhere', ({ node, other }) => {
    const made = tryPlan(inventory, both, held(100, [node]));
    expect([encodeIdList(guestOf(made, 100).nodes), encodeIdList(guestOf(made, 101).nodes)]).toEqual([
      `${node}`,
      `${other}`,
    ]);
  });

  it('says that there is no plan when it does not fit there', () => {
    const tooLarge = makeInventory(flatShape(6), [makeVm(100, 8)]);
    expect(tryPlan(tooLarge, { 100: dedicated }, {})).toMatchObject({ kind: 'plan' });
    expect(tryPlan(tooLarge, { 100: dedicated }, held(100, [1]))).toMatchObject({ kind: 'infeasible', proved: true });
  });

  it('leaves it there although it runs elsewhere', () => {
    const runs = makeVm(100, 4, { runtime: makeVmRuntime(4, [0, 1, 2, 3, 4], { pins: [1, 2, 3, 4] }) });
    const made = tryPlan(makeInventory(flatShape(6), [runs]), { 100: dedicated }, held(100, [1]));
    expect(encodeIdList(guestOf(made, 100).affinity.difference(guestOf(made, 100).emulator))).toBe('6-9');
  });

  it.each(['dedicated', 'confined'] as const)('in one cache keeps a %s guest to it', guestClass => {
    const x3d = makeInventory(shapes['ryzen-x3d'], [makeVm(100, 4)]);
    const wishes = { 100: { class: guestClass, span: 'llc' } } as const;
    for (const llc of x3d.topology.llcs) {
      const guest = guestOf(tryPlan(x3d, wishes, held(100, null, [llc.id])), 100);
      expect(guest.affinity.difference(guest.class === 'dedicated' ? guest.emulator : llc.cpus).size).toBeLessThan(5);
      expect((guest.class === 'dedicated' ? ownCpus(guest) : guest.affinity).isSubsetOf(llc.cpus)).toBe(true);
    }
  });

  it('keeps every guest where it is held, on any host', () => {
    let found = 0;
    fc.assert(
      fc.property(anyHost, fc.nat(6), fc.nat(7), (host, guest, node) => {
        const { inventory: any, wishes, coresPerNode } = buildHost(host);
        const { id } = any.topology.nodes[node % any.topology.nodes.length] ?? { id: numaNodeId(0) };
        const made = tryPlan(any, wishes, held(100 + guest, [id]), coresPerNode);
        const placed =
          made.kind === 'plan' ? made.placement.guests.find(({ vmid }) => vmid === 100 + guest) : undefined;
        if (!placed || placed.class === 'shared') return;
        found++;
        expect(encodeIdList(placed.nodes)).toBe(`${id}`);
      }),
      runs(60),
    );
    expect(found).toBeGreaterThan(4);
  });
});

describe('makePlan() with a limit on moves', () => {
  const isElsewhere = (before: Plan, after: Plan) => (vmid: number) => {
    const [was, is] = [guestOf(before, vmid), guestOf(after, vmid)];
    return !was.nodes.equals(is.nodes);
  };

  /** Two nodes of seven CPUs, and two guests that each span both although there is room in one. */
  function scattered(): Inventory {
    const pins = [
      [4, 5, 7, 8],
      [6, 9],
    ];
    const guests = pins.map((cpus, index) => {
      const runtime = makeVmRuntime(cpus.length, cpus, { pid: 4000 + 100 * index, pins: cpus });
      return makeVm(100 + index, cpus.length, { runtime });
    });
    return makeInventory(flatShape(7), guests);
  }
  const all = { 100: dedicated, 101: dedicated };
  const aims = (made: Plan | Infeasible) => (made.kind === 'plan' ? made.aims.map(({ value }) => value) : null);

  it.each([
    { mostMoves: 0, spanning: 2 },
    { mostMoves: 1, spanning: 1 },
    { mostMoves: 2, spanning: 0 },
  ])('of $mostMoves leaves $spanning guests across two nodes', ({ mostMoves, spanning }) => {
    const made = tryPlan(scattered(), all, { mostMoves });
    expect([100, 101].filter(vmid => guestOf(made, vmid).nodes.size > 1)).toHaveLength(spanning);
  });

  it('moves no more guests than it may, and nothing is gained by a limit above their number', () => {
    fc.assert(
      fc.property(anyHost, fc.nat(3), (host, mostMoves) => {
        const { inventory, wishes, coresPerNode } = buildHost(host);
        // Every second guest is there already, placed without regard to the others.
        const some = Object.fromEntries(Object.entries(wishes).filter(([vmid]) => Number(vmid) % 2 === 0));
        const first = tryPlan(inventory, some, {}, coresPerNode);
        if (first.kind === 'infeasible') return;
        const after = afterApply(inventory, first);
        const vmids = first.placement.guests.filter(guest => guest.class !== 'shared').map(({ vmid }) => vmid);
        const made = tryPlan(after, wishes, { mostMoves }, coresPerNode);
        if (made.kind === 'infeasible') return;
        expect(vmids.filter(isElsewhere(first, made)).length).toBeLessThanOrEqual(mostMoves);
        expect(aims(tryPlan(after, wishes, { mostMoves: 100 }, coresPerNode))).toEqual(
          aims(tryPlan(after, wishes, {}, coresPerNode)),
        );
      }),
      runs(30),
    );
  });
});
