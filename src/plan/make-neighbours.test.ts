// What other places would cost a guest, against the plan of everything.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Neighbour } from '#domain/alternative.ts';
import { encodeIdList } from '#domain/id-list.ts';
import type { Inventory } from '#domain/inventory.ts';
import { makeInventory, makeVm, makeVmRuntime } from '#fixtures/make-inventory.ts';
import { runs } from '#fixtures/property-runs.ts';
import { anyHost, buildHost, flatShape, inputFor, type WishList } from '#fixtures/random-host.ts';
import { shapes } from '#fixtures/shapes.ts';
import { compareOutcomes } from './compare-plans.ts';
import { makeNeighbours } from './make-neighbours.ts';
import { makePlan } from './make-plan.ts';

const dedicated = { class: 'dedicated' } as const;

function neighboursOf(inventory: Inventory, list: WishList, vmid: number): readonly Neighbour[] {
  const input = inputFor(inventory, list);
  const made = makePlan(input);
  const placed = made.kind === 'plan' ? made.placement.guests.find(guest => guest.vmid === vmid) : undefined;
  if (made.kind === 'infeasible' || !placed) throw new Error('no such plan');
  return makeNeighbours(input, made, placed);
}

const words = (neighbours: readonly Neighbour[]) =>
  neighbours.map(({ place, outcome }) => [
    encodeIdList(place.nodes),
    outcome.kind === 'possible'
      ? outcome.differences.map(({ aim, by, vmids }) => [aim, by, ...vmids].join(' '))
      : outcome,
  ]);

describe('makeNeighbours()', () => {
  it('says that the other guest would have to move, and how many vCPUs', () => {
    const pins = [1, 2, 3, 4, 5];
    const runtime = makeVmRuntime(5, pins, { pins });
    const inventory = makeInventory(flatShape(6), [makeVm(100, 5, { runtime }), makeVm(101, 6)]);
    expect(words(neighboursOf(inventory, { 100: dedicated, 101: dedicated }, 100))).toEqual([
      ['1', ['nodes 1 101', 'distance 20 101', 'llcs 1 101', 'imbalance 4 101', 'moves 5 100']],
    ]);
  });

  it('says how much memory is lacking', () => {
    const inventory = makeInventory(shapes.article, [makeVm(100, 2, { memoryMiB: 30_000 })]);
    expect(words(neighboursOf(inventory, { 100: dedicated }, 100))).toEqual([
      [
        '0',
        expect.objectContaining({
          kind: 'impossible',
          lack: 'memory',
          memory: { neededMiB: 30_000, thereMiB: 25_580 },
        }),
      ],
    ]);
  });

  it('compares node sets of the same size for a guest that spans', () => {
    const inventory = makeInventory(flatShape(4, 3), [makeVm(100, 6)]);
    expect(neighboursOf(inventory, { 100: dedicated }, 100).map(({ place }) => encodeIdList(place.nodes))).toHaveLength(
      2,
    );
  });

  it('compares caches where there is one node', () => {
    const inventory = makeInventory(shapes['ryzen-x3d'], [makeVm(100, 4)]);
    const [only, ...more] = neighboursOf(inventory, { 100: dedicated }, 100);
    expect(more).toEqual([]);
    expect(only?.place.llc).not.toBeNull();
  });

  it('has none for guests that are only kept off others', () => {
    const inventory = makeInventory(flatShape(6), [makeVm(100, 2), makeVm(101, 2)]);
    expect(neighboursOf(inventory, { 100: dedicated }, 101)).toEqual([]);
  });

  it('finds no place that is better than the one in a proved plan, and names the best first', () => {
    fc.assert(
      fc.property(anyHost, host => {
        const { inventory, wishes, coresPerNode } = buildHost(host);
        const input = inputFor(inventory, wishes, coresPerNode);
        const made = makePlan(input);
        // `smt: auto` is no aim: a plan that isolates may be worse in its aims than one that does not.
        const isComparable = Object.values(wishes).every(wish => wish.smt !== 'auto');
        if (made.kind === 'infeasible' || made.proof.kind !== 'optimal' || !isComparable) return;
        const [placed] = made.placement.guests.filter(guest => guest.class !== 'shared');
        if (!placed) return;
        const outcomes = makeNeighbours(input, made, placed).map(({ outcome }) => outcome);
        for (const outcome of outcomes) {
          if (outcome.kind === 'possible') expect(outcome.differences[0]?.by ?? 0).toBeGreaterThanOrEqual(0);
        }
        expect([...outcomes].sort(compareOutcomes)).toEqual(outcomes);
      }),
      runs(15),
    );
  });
});
