// What else could be done than what a plan says: leaving it, moving fewer guests, other wishes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Alternative } from '#domain/alternative.ts';
import type { Inventory } from '#domain/inventory.ts';
import { makeInventory, makeVm, makeVmRuntime } from '#fixtures/make-inventory.ts';
import { runs } from '#fixtures/property-runs.ts';
import { afterApply, anyHost, buildHost, flatShape, inputFor, type WishList } from '#fixtures/random-host.ts';
import { makeAlternatives } from './make-alternatives.ts';
import { makePlan } from './make-plan.ts';

const dedicated = { class: 'dedicated' } as const;

function alternativesOf(inventory: Inventory, list: WishList): readonly Alternative[] {
  const input = inputFor(inventory, list);
  const made = makePlan(input);
  if (made.kind === 'infeasible') throw new Error('no plan');
  return makeAlternatives(input, made);
}

describe('makeAlternatives()', () => {
  it('begins with leaving it as it is, and says how the guests run now', () => {
    const running = makeVm(100, 2, { runtime: makeVmRuntime(2, [0, 1, 8, 9]) });
    const [leave] = alternativesOf(makeInventory(flatShape(8), [running, makeVm(101, 2)]), {
      100: dedicated,
      101: dedicated,
    });
    expect(leave).toEqual({
      kind: 'leave',
      outcome: null,
      present: [
        { vmid: 100, running: true, nodes: 2, llcs: 2, sharedWith: 0 },
        { vmid: 101, running: false, nodes: 0, llcs: 0, sharedWith: 0 },
      ],
    });
  });

  it('judges the present layout once every guest has its place', () => {
    const inventory = makeInventory(flatShape(8), [makeVm(100, 2)]);
    const made = makePlan(inputFor(inventory, { 100: dedicated }));
    if (made.kind === 'infeasible') throw new Error('no plan');
    const [leave] = alternativesOf(afterApply(inventory, made), { 100: dedicated });
    expect(leave).toMatchObject({ kind: 'leave', outcome: { kind: 'possible', differences: [] } });
  });

  it('tells what a plan gains that moves fewer guests', () => {
    // Both guests span two nodes although there is room in one for each.
    const guests = [
      [4, 5, 7, 8],
      [6, 9],
    ].map((pins, index) => {
      const runtime = makeVmRuntime(pins.length, pins, { pid: 4000 + 100 * index, pins });
      return makeVm(100 + index, pins.length, { runtime });
    });
    const alternatives = alternativesOf(makeInventory(flatShape(7), guests), { 100: dedicated, 101: dedicated });
    const [, second] = alternatives;
    expect(second).toMatchObject({ kind: 'fewest-moves', mostMoves: 1 });
    expect(second?.outcome).toMatchObject({
      differences: expect.arrayContaining([{ aim: 'nodes', by: 1, vmids: [101] }]),
    });
  });

  it('tells what it costs to stay with the memory', () => {
    const guest = makeVm(100, 3, { runtime: makeVmRuntime(3, [4, 5, 6], { resident: { 1: 2048 } }) });
    const inventory = makeInventory(flatShape(4), [guest, makeVm(101, 4)]);
    const stays = alternativesOf(inventory, { 100: dedicated, 101: dedicated }).find(
      ({ kind }) => kind === 'stay-with-memory',
    );
    expect(stays).toMatchObject({ vmids: [100] });
    expect(stays?.outcome).toMatchObject({
      differences: expect.arrayContaining([{ aim: 'nodes', by: 1, vmids: [101] }]),
    });
  });

  it('say that it cannot be otherwise where no other way is possible', () => {
    const alternatives = alternativesOf(makeInventory(flatShape(6, 3), [makeVm(100, 7)]), { 100: dedicated });
    expect(alternatives).toMatchObject([
      { kind: 'leave' },
      { kind: 'wish', key: 'class', to: 'confined', outcome: { kind: 'impossible' } },
    ]);
  });

  it('offer CPUs of their own where all are confined', () => {
    const alternatives = alternativesOf(makeInventory(flatShape(6), [makeVm(100, 2)]), { 100: { class: 'confined' } });
    expect(alternatives.at(-1)).toMatchObject({ kind: 'wish', key: 'class', to: 'dedicated' });
  });

  it('are at least two wherever a guest is dedicated or confined, and none where nobody is', () => {
    expect(alternativesOf(makeInventory(flatShape(6), [makeVm(100, 2)]), {})).toEqual([]);
    fc.assert(
      fc.property(anyHost, host => {
        const { inventory, wishes, coresPerNode } = buildHost(host);
        const input = inputFor(inventory, wishes, coresPerNode);
        const made = makePlan(input);
        if (made.kind === 'infeasible' || made.placement.guests.every(guest => guest.class === 'shared')) return;
        expect(makeAlternatives(input, made).length).toBeGreaterThanOrEqual(2);
      }),
      runs(15),
    );
  });
});
