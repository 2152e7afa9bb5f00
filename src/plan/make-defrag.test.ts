// What each further moved guest gains.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeIdList } from '#domain/id-list.ts';
import { makeInventory, makeVm, makeVmRuntime } from '#fixtures/make-inventory.ts';
import { runs } from '#fixtures/property-runs.ts';
import { afterApply, anyHost, buildHost, feasiblePlan, flatShape, inputFor, planFor } from '#fixtures/random-host.ts';
import { shapes } from '#fixtures/shapes.ts';
import { makeDefrag, movedGuests } from './make-defrag.ts';
import { makePlan } from './make-plan.ts';

const dedicated = { class: 'dedicated' } as const;

/** Two nodes of seven CPUs, and two guests that each span both although there is room in one. */
const scattered = makeInventory(
  flatShape(7),
  [
    [4, 5, 7, 8],
    [6, 9],
  ].map((pins, index) =>
    makeVm(100 + index, pins.length, {
      runtime: makeVmRuntime(pins.length, pins, { pid: 4000 + 100 * index, pins }),
    }),
  ),
);
const wishes = { 100: dedicated, 101: dedicated };

describe('makeDefrag()', () => {
  it('begins with nobody moved, and each step says who moves and what that gains', () => {
    expect(makeDefrag(inputFor(scattered, wishes), null)).toMatchObject([
      { mostMoves: 0, vmids: [], outcome: { kind: 'possible', differences: [] } },
      {
        mostMoves: 1,
        vmids: [100],
        outcome: { differences: expect.arrayContaining([{ aim: 'nodes', by: -1, vmids: [100] }]) },
      },
      {
        mostMoves: 2,
        vmids: [100, 101],
        outcome: { differences: expect.arrayContaining([{ aim: 'nodes', by: -2, vmids: [100, 101] }]) },
      },
    ]);
  });

  it.each([0, 1])('stops at a limit of %i', mostMoves => {
    expect(makeDefrag(inputFor(scattered, wishes), mostMoves).at(-1)).toMatchObject({ mostMoves });
  });

  it('has one step, without moves, when nothing can be gained', () => {
    const inventory = makeInventory(flatShape(7), [makeVm(100, 3)]);
    const after = afterApply(inventory, feasiblePlan(inventory, wishes));
    expect(makeDefrag(inputFor(after, wishes), null)).toMatchObject([{ mostMoves: 0, vmids: [] }]);
  });

  it('has no step when nothing can stand within the limit', () => {
    const inventory = makeInventory(flatShape(3), [makeVm(100, 9)]);
    expect(makeDefrag(inputFor(inventory, { 100: dedicated }), null)).toEqual([]);
  });

  it('begins with the fewest moves when somebody has to move', () => {
    // 101 stands where a core of the host is from now on.
    const runtime = makeVmRuntime(2, [0, 1], { pins: [0, 1] });
    const inventory = makeInventory(flatShape(4), [makeVm(101, 2, { runtime })]);
    expect(makeDefrag(inputFor(inventory, { 101: dedicated }, 1), null)).toMatchObject([
      { mostMoves: 1, vmids: [101] },
    ]);
  });

  it('ends as good as a plan without limits, and moves no more than a step says, on any host', () => {
    let moved = 0;
    fc.assert(
      fc.property(anyHost, fc.option(fc.nat(4)), (host, limit) => {
        const { inventory, wishes: list, coresPerNode } = buildHost(host);
        const input = inputFor(inventory, list, coresPerNode);
        const steps = makeDefrag(input, limit);
        for (const { mostMoves, vmids } of steps) expect(vmids.length).toBeLessThanOrEqual(mostMoves);
        const last = steps.at(-1);
        moved += last?.vmids.length ?? 0;
        const free = makePlan(input);
        if (limit !== null || free.kind === 'infeasible') return;
        const made = makePlan({ ...input, mostMoves: last?.mostMoves ?? 0 });
        const butMoves = (plan: typeof made) =>
          plan.kind === 'plan' ? plan.aims.filter(({ aim }) => aim !== 'moves') : null;
        expect(butMoves(made)).toEqual(butMoves(free));
      }),
      runs(25),
    );
    expect(moved).toBeGreaterThan(0);
  });
});

describe('movedGuests()', () => {
  it('names nobody once the plan is in force', () => {
    const made = planFor(scattered, wishes);
    if (made.kind === 'infeasible') throw new Error('no plan');
    expect(movedGuests(made, inputFor(scattered, wishes))).toEqual([100, 101]);
    const after = afterApply(scattered, made);
    expect(movedGuests(feasiblePlan(after, wishes), inputFor(after, wishes))).toEqual([]);
  });

  it('names nobody who changes cores without leaving the cache', () => {
    const runtime = makeVmRuntime(4, [2, 3, 4, 5], { pins: [2, 3, 4, 5] });
    const inventory = makeInventory(shapes.article, [makeVm(100, 4, { runtime })]);
    const input = { ...inputFor(inventory, { 100: { class: 'dedicated', smt: 'any' } }), mostMoves: 0 };
    const made = makePlan(input);
    if (made.kind === 'infeasible') throw new Error('no plan');
    expect(made.placement.guests[0]?.vcpus.map(cpus => encodeIdList(cpus))).toEqual(['2', '18', '3', '19']);
    expect(movedGuests(made, input)).toEqual([]);
  });
});
