// How many cores guests take of a group, and when two of them share one.
import { describe, expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { feasiblePlan, flatShape, planFor } from '#fixtures/random-host.ts';
import type { Shape } from '#fixtures/shapes.ts';
import { fits, room, take, UNUSED } from './capacity.ts';
import { makeCoreModel } from './core-groups.ts';

/** One node of so many cores. */
const shapeOf = (count: number, threads: 1 | 2 | 4): Shape => {
  const shape = flatShape(count, 1);
  return { ...shape, llcs: shape.llcs.map(llc => ({ ...llc, cores: [{ count, threads }] })) };
};

function groupOf(count: number, threads: 1 | 2 | 4) {
  const [group] = makeCoreModel(makeInventory(shapeOf(count, threads), []).topology, cpuSet()).groups;
  if (group === undefined) throw new Error('there is no group');
  return group;
}

describe('take()', () => {
  it.each([
    [1, 3, 'any', { whole: 3, odd: 0 }],
    [2, 3, 'any', { whole: 1, odd: 1 }],
    [2, 3, 'pairs', { whole: 2, odd: 0 }],
    [2, 3, 'isolate', { whole: 3, odd: 0 }],
    [4, 4, 'any', { whole: 1, odd: 0 }],
    [4, 5, 'any', { whole: 1, odd: 1 }],
    [4, 6, 'any', { whole: 1, odd: 1 }],
    [4, 7, 'any', { whole: 2, odd: 0 }],
    [4, 6, 'pairs', { whole: 2, odd: 0 }],
  ] as const)('on cores of %i threads takes for %i vCPUs, %s, %o', (threads, vcpus, smt, usage) => {
    expect(take(groupOf(8, threads), UNUSED, { vcpus, smt, extraCores: 0 })).toEqual(usage);
  });
});

describe('room()', () => {
  it.each([
    [1, { whole: 1, odd: 0 }, 2],
    [2, { whole: 1, odd: 1 }, 3],
    [2, { whole: 1, odd: 2 }, 2],
    [4, { whole: 1, odd: 1 }, 6],
    [4, { whole: 2, odd: 1 }, 2],
    [4, { whole: 2, odd: 2 }, 0],
  ] as const)('on three cores of %i threads with %o is %i vCPUs, and all of them fit', (threads, usage, vcpus) => {
    const group = groupOf(3, threads);
    expect(room(group, usage, 'any')).toBe(vcpus);
    for (let some = 1; some <= vcpus; some++) {
      expect(fits(group, take(group, usage, { vcpus: some, smt: 'any', extraCores: 0 }))).toBe(true);
    }
    expect(fits(group, take(group, usage, { vcpus: vcpus + 1, smt: 'any', extraCores: 0 }))).toBe(false);
  });
});

describe('makePlan()', () => {
  it('lets two guests share a core of four threads only where cores are too few', () => {
    const guests = [2, 2, 6].map((vcpus, index) => makeVm(100 + index, vcpus));
    const wishes = Object.fromEntries(guests.map(({ vmid }) => [vmid, { class: 'dedicated', smt: 'any' } as const]));
    const sharedOn = (cores: number) => {
      const made = feasiblePlan(makeInventory(shapeOf(cores, 4), guests), wishes);
      const cpus = made.placement.guests.flatMap(({ vcpus }) => vcpus.flatMap(({ ids }) => ids));
      expect(new Set(cpus).size).toBe(10);
      return made.aims.find(({ aim }) => aim === 'sharedCores')?.value;
    };
    // One more is the host's.
    expect([5, 4].map(sharedOn)).toEqual([0, 1]);
    expect(() => sharedOn(3)).toThrow('infeasible');
  });

  it('proves nothing where guests could share a core by less than halves', () => {
    const guests = [1, 1, 1].map((vcpus, index) => makeVm(100 + index, vcpus));
    const wishes = Object.fromEntries(guests.map(({ vmid }) => [vmid, { class: 'dedicated', smt: 'any' } as const]));
    const proofOn = (threads: 2 | 4) => planFor(makeInventory(shapeOf(2, threads), guests), wishes, 0);
    // One of the two cores is the host's.
    expect(proofOn(2)).toMatchObject({ kind: 'infeasible', proved: true });
    expect(proofOn(4)).toMatchObject({ kind: 'infeasible', proved: false });
  });
});
