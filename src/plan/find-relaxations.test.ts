// Why there is no plan, and what to ask less of: the conflict is minimal, and every relaxation keeps its promise.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Relaxation } from '#domain/alternative.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { Infeasible } from '#domain/plan.ts';
import { makeContainer, makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { runs } from '#fixtures/property-runs.ts';
import { flatShape, inputFor, type WishList } from '#fixtures/random-host.ts';
import { shapes } from '#fixtures/shapes.ts';
import { nameCrowders } from './crowded-container.ts';
import { findRelaxations } from './find-relaxations.ts';
import { hasPlan, makePlan, type PlanInput } from './make-plan.ts';

const dedicated = { class: 'dedicated' } as const;

function infeasible(input: PlanInput): Infeasible {
  const made = makePlan(input);
  if (made.kind === 'plan') throw new Error('there is a plan');
  return nameCrowders(made, input);
}

function relax(inventory: Inventory, list: WishList, coresPerNode = 0): readonly Relaxation[] {
  const input = inputFor(inventory, list, coresPerNode);
  return findRelaxations(input, infeasible(input));
}

/** The same host with all other guests gone. */
function onlyWith(input: PlanInput, vmids: readonly number[]): PlanInput {
  const guests = input.inventory.guests.filter(({ vmid }) => vmids.includes(vmid));
  return { ...input, inventory: { ...input.inventory, guests } };
}

describe('the conflict of an infeasible plan', () => {
  /** Enough of them that some hosts are too small, seldom for one guest alone. */
  const anyGuests = fc.array(
    fc.record({
      vcpus: fc.integer({ min: 1, max: 5 }),
      memoryMiB: fc.constantFrom(100, 9_000, 20_000),
      class: fc.constantFrom('dedicated', 'dedicated', 'confined'),
      emulator: fc.constantFrom('housekeeping', 'own'),
    }),
    { minLength: 3, maxLength: 6 },
  );

  it('cannot be met alone, and can be without any one of its members', () => {
    let many = 0;
    fc.assert(
      fc.property(anyGuests, fc.integer({ min: 0, max: 9 }), (words, containerCores) => {
        const guests = words.map(({ vcpus, memoryMiB }, index) => makeVm(100 + index, vcpus, { memoryMiB }));
        const wishes = Object.fromEntries(
          words.map(({ class: guestClass, emulator }, index) => [
            100 + index,
            { class: guestClass, emulator: guestClass === 'dedicated' ? emulator : 'housekeeping' } as const,
          ]),
        );
        const containers = containerCores === 0 ? [] : [makeContainer(200, containerCores)];
        const input = inputFor(makeInventory(flatShape(6), [...guests, ...containers]), wishes);
        const made = makePlan(input);
        if (made.kind === 'plan') return;
        expect(made.proved).toBe(true);
        const vmids = nameCrowders(made, input).conflict.map(({ vmid }) => vmid);
        if (vmids.length > 1) many++;
        expect(hasPlan(onlyWith(input, vmids))).toBe(false);
        for (const left of vmids)
          expect(
            hasPlan(
              onlyWith(
                input,
                vmids.filter(vmid => vmid !== left),
              ),
            ),
          ).toBe(true);
      }),
      runs(100),
    );
    expect(many).toBeGreaterThan(10);
  });

  it('names the guests that leave a container too few CPUs, and no other', () => {
    const guests = [makeVm(100, 4), makeVm(101, 24), makeContainer(200, 10), makeContainer(201, 20)];
    const input = inputFor(makeInventory(shapes.article, guests), { 100: dedicated, 101: dedicated }, 1);
    expect(infeasible(input).conflict).toMatchObject([
      { vmid: 101, class: 'dedicated', cores: 12 },
      { vmid: 200, class: 'shared', vcpus: 10 },
    ]);
  });
});

describe('findRelaxations()', () => {
  it.each<{
    title: string;
    guests: Inventory['guests'];
    wishes: WishList;
    coresPerNode?: number;
    found: readonly object[];
  }>([
    {
      title: 'a core less for the host, or another SMT policy',
      guests: [makeVm(100, 15)],
      wishes: { 100: { ...dedicated, smt: 'isolate' } },
      coresPerNode: 1,
      found: [
        { kind: 'housekeeping', from: 1, to: 0 },
        { kind: 'wish', vmid: 100, key: 'smt', from: 'isolate', to: 'any' },
      ],
    },
    {
      title: 'a guest that shares its CPUs',
      guests: [makeVm(100, 20), makeVm(101, 12)],
      wishes: { 100: dedicated, 101: dedicated },
      found: [
        { kind: 'wish', vmid: 100, key: 'class', from: 'dedicated', to: 'shared' },
        { kind: 'wish', vmid: 101, key: 'class', from: 'dedicated', to: 'confined' },
      ],
    },
    {
      title: 'emulator threads among those of the host',
      guests: [makeVm(100, 30)],
      wishes: { 100: { ...dedicated, emulator: 'own' } },
      found: [{ kind: 'wish', vmid: 100, key: 'emulator', from: 'own', to: 'housekeeping' }],
    },
    {
      title: 'less memory',
      guests: [makeVm(100, 2, { memoryMiB: 70_000 }), makeVm(101, 2)],
      wishes: { 100: { class: 'confined' }, 101: dedicated },
      found: [
        { kind: 'wish', vmid: 100, key: 'class', from: 'confined', to: 'shared' },
        { kind: 'memory', vmid: 100, fromMiB: 70_000, toMiB: 39 * 1024 },
      ],
    },
  ])('finds $title', ({ guests, wishes, coresPerNode, found }) => {
    expect(relax(makeInventory(shapes.article, guests), wishes, coresPerNode)).toEqual(found);
  });

  it('finds how many CPUs a container could have', () => {
    const guests = [makeVm(100, 24), makeContainer(200, 12)];
    expect(relax(makeInventory(shapes.article, guests), { 100: dedicated }, 1)).toContainEqual({
      kind: 'container-cores',
      ...{ vmid: 200, from: 12, to: 8 },
    });
  });

  it('finds none where two guests would have to ask for less', () => {
    const guests = [makeVm(100, 9), makeVm(101, 9)];
    const cannot = { class: 'confined', span: 'node' } as const;
    expect(relax(makeInventory(flatShape(4), guests), { 100: cannot, 101: cannot })).toEqual([]);
  });
});
