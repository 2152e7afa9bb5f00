// How many cores guests take of a group, and which of them share one.
import { describe, expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import type { CpuId } from '#domain/ids.ts';
import type { Plan } from '#domain/plan.ts';
import { makeInventory, makeVm, makeVmRuntime } from '#fixtures/make-inventory.ts';
import { afterApply, feasiblePlan, flatShape, planFor, withThreads } from '#fixtures/random-host.ts';
import type { Shape, ShapeCores } from '#fixtures/shapes.ts';
import { coresInUse, fits, room, sharedCores, take, takingOf, UNUSED, type Usage } from './capacity.ts';
import { makeCoreModel } from './core-groups.ts';

/** One node of so many cores. */
const shapeOf = (count: number, threads: ShapeCores['threads']): Shape => withThreads(flatShape(count, 1), threads);

function groupOf(count: number, threads: ShapeCores['threads']) {
  const [group] = makeCoreModel(makeInventory(shapeOf(count, threads), []).topology, cpuSet()).groups;
  if (group === undefined) throw new Error('there is no group');
  return group;
}

/** Guests that may share cores. */
const usageOf = (threads: ShapeCores['threads'], vcpus: readonly number[]): Usage =>
  vcpus.reduce(
    (usage, each) => take(usage, takingOf(groupOf(1, threads), { vcpus: each, smt: 'any', extraCores: 0 })),
    UNUSED,
  );

describe('takingOf()', () => {
  it.each([
    [1, 3, 'any', { whole: 3, odd: 0 }],
    [2, 3, 'any', { whole: 1, odd: 1 }],
    [2, 3, 'pairs', { whole: 2, odd: 0 }],
    [2, 3, 'isolate', { whole: 3, odd: 0 }],
    [4, 4, 'any', { whole: 1, odd: 0 }],
    [4, 5, 'any', { whole: 1, odd: 1 }],
    [4, 7, 'any', { whole: 1, odd: 3 }],
    [4, 6, 'pairs', { whole: 2, odd: 0 }],
    [4, 4, 'isolate', { whole: 4, odd: 0 }],
  ] as const)('on cores of %i threads takes for %i vCPUs, %s, %o', (threads, vcpus, smt, taking) => {
    expect(takingOf(groupOf(8, threads), { vcpus, smt, extraCores: 0 })).toEqual(taking);
  });

  it('takes a whole core for the emulator of a guest that may share the others', () => {
    expect(takingOf(groupOf(8, 4), { vcpus: 5, smt: 'any', extraCores: 1 })).toEqual({ whole: 2, odd: 1 });
  });
});

describe('take()', () => {
  it('counts guests by their odd threads, and leaves what it is given as it is', () => {
    const once = take(UNUSED, { whole: 1, odd: 2 });
    expect(take(once, { whole: 0, odd: 1 }, 3)).toEqual({ whole: 1, odd: [0, 3, 1] });
    expect(take(once, { whole: 0, odd: 3 }, 0)).toEqual(once);
    expect(once).toEqual({ whole: 1, odd: [0, 0, 1] });
  });
});

describe('room()', () => {
  it.each<[threads: ShapeCores['threads'], taken: readonly number[], vcpus: number]>([
    [1, [2], 1],
    [2, [2, 1], 3],
    [2, [2, 1, 1], 2],
    [4, [4, 1], 7],
    [4, [4, 3], 5],
    [4, [4, 3, 3], 2],
    [4, [4, 1, 1, 1], 5],
    [4, [4, 3, 3, 2], 0],
  ])('on three cores of %i threads beside guests of %o is %i vCPUs, and all of them fit', (threads, taken, vcpus) => {
    const group = groupOf(3, threads);
    expect(room(group, usageOf(threads, taken), 'any')).toBe(vcpus);
    for (let some = 1; some <= vcpus; some++) expect(fits(group, usageOf(threads, [...taken, some]))).toBe(true);
    expect(fits(group, usageOf(threads, [...taken, vcpus + 1]))).toBe(false);
  });

  it('has whole cores for guests that share none, as many as odd threads can leave', () => {
    const usage = usageOf(4, [3, 3, 2]);
    expect((['isolate', 'pairs', 'any'] as const).map(smt => room(groupOf(4, 4), usage, smt))).toEqual([2, 8, 8]);
    expect(room(groupOf(4, 1), UNUSED, 'pairs')).toBe(0);
  });
});

describe('sharedCores() and coresInUse()', () => {
  it.each<[threads: ShapeCores['threads'], cores: number, vcpus: readonly number[], shared: number, inUse: number]>([
    [2, 3, [1, 1, 1], 0, 3],
    [2, 2, [1, 1, 1], 1, 2],
    [2, 2, [1, 1, 1, 1], 2, 2],
    // One core that three share, and the fourth may be anybody's.
    [4, 2, [1, 1, 1], 1, 1],
    [4, 2, [3, 1, 1], 1, 2],
    [4, 2, [2, 2, 1], 1, 2],
    [4, 2, [2, 2, 2], 1, 2],
    [4, 2, [4, 1], 0, 2],
    [4, 2, [5, 1], 1, 2],
    [4, 2, [5, 1, 1], 1, 2],
    // No two of them have room on one core.
    [4, 3, [3, 3, 3, 3], 3, 3],
  ])('with %i threads, on %i cores, guests of %o share %i, and use %i', (threads, cores, vcpus, shared, inUse) => {
    const usage = usageOf(threads, vcpus);
    expect(sharedCores(groupOf(cores, threads), usage)).toBe(shared);
    expect(coresInUse(groupOf(cores, threads), usage)).toBe(inUse);
  });
});

describe('makePlan() on cores of four threads', () => {
  const guestsOf = (vcpus: readonly number[]) => vcpus.map((each, index) => makeVm(100 + index, each));
  const cpusOf = ({ placement }: Plan) => placement.guests.flatMap(({ vcpus }) => vcpus.flatMap(({ ids }) => ids));
  const wishesOf = (vcpus: readonly number[]) =>
    Object.fromEntries(vcpus.map((_, index) => [100 + index, { class: 'dedicated', smt: 'any' } as const]));

  it.each<[vcpus: readonly number[], cores: number, shared: number]>([
    [[2, 2, 6], 4, 0],
    [[2, 2, 6], 3, 1],
    [[1, 1, 1, 1], 1, 1],
    [[3, 3, 3, 3], 3, 3],
    [[7, 3, 2], 3, 2],
    [[5, 6, 1], 3, 1],
  ])('gives guests of %o on %i cores each thread once, shares %i, and finds the same again', (vcpus, cores, shared) => {
    // One core more is the host's.
    const inventory = makeInventory(shapeOf(cores + 1, 4), guestsOf(vcpus));
    const wishes = wishesOf(vcpus);
    const made = feasiblePlan(inventory, wishes, 0);
    expect(made.aims.find(({ aim }) => aim === 'sharedCores')?.value).toBe(shared);
    expect(new Set(cpusOf(made)).size).toBe(vcpus.reduce((sum, each) => sum + each));
    const again = feasiblePlan(afterApply(inventory, made), wishes, 0);
    expect(again.placement.guests).toEqual(made.placement.guests);
  });

  it('leaves a guest on its own core when it shares that of a later one', () => {
    const { topology } = makeInventory(shapeOf(4, 4), []);
    const [, , others, own] = topology.cores.map(({ cpus }) => cpus.ids);
    const pins = [...(own ?? []), ...(others ?? []).slice(0, 1)];
    const runtime = makeVmRuntime(5, topology.online, { pid: 4000, pins });
    const inventory = makeInventory(shapeOf(4, 4), [makeVm(100, 5, { runtime }), makeVm(101, 6), makeVm(102, 1)]);
    const made = feasiblePlan(inventory, wishesOf([5, 6, 1]), 0);
    expect(made.placement.guests[0]?.vcpus.flatMap(({ ids }) => ids).slice(0, 4)).toEqual(own);
    const again = feasiblePlan(afterApply(inventory, made), wishesOf([5, 6, 1]), 0);
    expect(again.placement.guests).toEqual(made.placement.guests);
  });

  it('tears no pair where one of the threads is offline', () => {
    const shape = { ...shapeOf(4, 4), offline: [7, 10, 13] };
    const wishes = { 100: { class: 'dedicated', smt: 'pairs' } } as const;
    const inventory = makeInventory(shape, [makeVm(100, 6)]);
    expect(inventory.topology.cores.map(({ cpus }) => cpus.size)).toEqual([4, 3, 3, 3]);
    const made = feasiblePlan(inventory, wishes, 0);
    const coreOf = (cpu: CpuId) => inventory.topology.cores.findIndex(({ cpus }) => cpus.has(cpu));
    const on = cpusOf(made).map(coreOf);
    expect(on.filter((_, vcpu) => vcpu % 2 === 1)).toEqual(on.filter((_, vcpu) => vcpu % 2 === 0));
    const more = makeInventory(shape, [makeVm(100, 7)]);
    expect(planFor(more, wishes, 0)).toMatchObject({ kind: 'infeasible' });
  });

  it('proves that there is none when threads are too few', () => {
    const proofOn = (vcpus: readonly number[]) =>
      planFor(makeInventory(shapeOf(2, 4), guestsOf(vcpus)), wishesOf(vcpus), 0);
    expect(proofOn([1, 1, 2])).toMatchObject({ kind: 'plan' });
    expect(proofOn([1, 1, 3])).toMatchObject({ kind: 'infeasible', proved: true });
  });

  it('shares no core with a guest that isolates its vCPUs, or keeps them in pairs', () => {
    const wishes = { ...wishesOf([1, 1]), 101: { class: 'dedicated', smt: 'isolate' } } as const;
    expect(planFor(makeInventory(shapeOf(2, 4), guestsOf([1, 1])), wishes, 0)).toMatchObject({ kind: 'infeasible' });
    const paired = { ...wishes, 101: { class: 'dedicated', smt: 'pairs' } } as const;
    expect(planFor(makeInventory(shapeOf(2, 4), guestsOf([1, 2])), paired, 0)).toMatchObject({ kind: 'infeasible' });
  });
});
