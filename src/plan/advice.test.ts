// What a plan says beside itself: a table with one host for each advice, and a host that needs none.
import { describe, expect, it } from 'vitest';
import type { Guest } from '#domain/guest.ts';
import { parseCpuList } from '#domain/id-list.ts';
import { cpuSet } from '#domain/id-set.ts';
import { vmId } from '#domain/ids.ts';
import type { Plan } from '#domain/plan.ts';
import { makeContainer, makeInventory, makeVm, makeVmRuntime } from '#fixtures/make-inventory.ts';
import { feasiblePlan, flatShape, type WishList, wishesFor } from '#fixtures/random-host.ts';
import { type Shape, shapes } from '#fixtures/shapes.ts';
import { makePlan } from './make-plan.ts';

const dedicated: WishList = { 100: { class: 'dedicated' } };
const ownCpuset = new Map([['lxc.cgroup2.cpuset.cpus', '4-5']]);

describe('makeAdvice()', () => {
  it.each<[string, Shape, readonly Guest[], WishList, readonly string[]]>([
    ['nothing where there is nothing to say', shapes.article, [makeVm(100, 2), makeVm(101, 2)], dedicated, []],
    ['that four cores are few', flatShape(4, 1), [makeVm(100, 2)], dedicated, ['advice-small-host']],
    ['nothing about few cores when nobody is placed', flatShape(4, 1), [makeVm(100, 2)], {}, []],
    [
      'that a crowd would pay for it',
      flatShape(6, 1),
      [makeVm(100, 2), makeVm(101, 13, { runtime: makeVmRuntime(13, [0, 1]) })],
      dedicated,
      ['advice-overcommitted'],
    ],
    ['nothing about a crowd that stands still', flatShape(6, 1), [makeVm(100, 2), makeVm(101, 13)], dedicated, []],
    [
      'that a limit takes what pinning gives',
      shapes.article,
      [makeVm(100, 2, { raw: new Map([['cpulimit', '1.5']]) })],
      dedicated,
      ['advice-cpulimit'],
    ],
    [
      'nothing about a limit of all its vCPUs',
      shapes.article,
      [makeVm(100, 2, { raw: new Map([['cpulimit', '2']]) })],
      dedicated,
      [],
    ],
    [
      'nothing about the limit of a guest that shares',
      shapes.article,
      [makeVm(100, 2), makeVm(101, 2, { raw: new Map([['cpulimit', '1']]) })],
      dedicated,
      [],
    ],
    [
      'that memory hotplug keeps the memory unbound',
      shapes.article,
      [makeVm(100, 2, { memoryHotplug: true })],
      dedicated,
      ['advice-memory-hotplug'],
    ],
    ['nothing about hotplug on one node', flatShape(6, 1), [makeVm(100, 2, { memoryHotplug: true })], dedicated, []],
    [
      'what bind means when memory is full',
      shapes.article,
      [makeVm(100, 2)],
      { 100: { class: 'dedicated', memory: 'bind' } },
      ['advice-bind'],
    ],
    [
      'which containers Proxmox no longer balances',
      shapes.article,
      [makeVm(100, 2), makeContainer(200, 2)],
      dedicated,
      ['advice-containers-balance'],
    ],
    [
      'nothing about a container that its operator had pinned already',
      shapes.article,
      [makeVm(100, 2), makeContainer(200, 2, { raw: ownCpuset })],
      dedicated,
      [],
    ],
  ])('says %s', (_, shape, guests, wishes, codes) => {
    const made = feasiblePlan(makeInventory(shape, guests), wishes, 0);
    expect(made.advice.map(({ code }) => code)).toEqual(codes);
  });

  it('says who may leave with its pins at any time', () => {
    const inventory = makeInventory(shapes.article, [makeVm(100, 2), makeVm(101, 2)]);
    const made = makePlan({
      ...{ inventory, wishes: wishesFor(inventory, dedicated), housekeeping: { coresPerNode: 1, cpus: null } },
      ...{ isolation: 'none', policyDigest: '', through: 'file', balanced: new Set([vmId(100), vmId(101)]) },
    }) as Plan;
    expect(made.advice).toEqual([{ code: 'advice-balanced', severity: 'warning', vmids: [100] }]);
  });
});

describe('makeAdvice() with a rung', () => {
  const scope = (cpus: readonly number[]) => ({
    ...makeVmRuntime(2, cpus),
    cpusets: [{ cgroup: 'qemu.slice/101.scope', effective: cpuSet(cpus) }],
  });
  const conflicts = (vmid: number, cpus: readonly number[], isolation: 'none' | 'confine' | 'partition') => {
    const guests = [makeVm(100, 2), makeVm(vmid, 2, { runtime: scope(cpus) })];
    const inventory = makeInventory(shapes.article, guests);
    const made = makePlan({
      ...{ inventory, isolation, wishes: wishesFor(inventory, dedicated), policyDigest: '', through: 'file' },
      housekeeping: { coresPerNode: 1, cpus: null },
    });
    if (made.kind === 'infeasible') throw new Error('infeasible');
    return made.advice.filter(({ code }) => code === 'advice-unit-conflict');
  };

  it.each([
    ['says what the kernel does not isolate yet', '', [{ code: 'boot-not-isolated', severity: 'note' }]],
    ['says nothing once it does', '1-15,17-31', []],
  ])('boot %s', (_, isolated, advice) => {
    const { topology, ...rest } = makeInventory(shapes.article, [makeVm(100, 2)]);
    const inventory = { ...rest, topology: { ...topology, isolated: parseCpuList(isolated) } };
    const made = makePlan({
      ...{ inventory, wishes: wishesFor(inventory, dedicated), policyDigest: '', through: 'file', isolation: 'boot' },
      housekeeping: { coresPerNode: 1, cpus: null },
    });
    expect(made).toMatchObject({ kind: 'plan', placement: { isolation: 'boot' }, advice });
  });

  it.each([
    ['names a VM whose scope has dedicated CPUs alone', [1], 'partition', 1],
    ['says nothing about one that has others too', [1, 9], 'partition', 0],
    ['says nothing where masks alone keep guests off', [1], 'none', 0],
  ] as const)('%s', (_, cpus, isolation, count) => {
    const found = conflicts(101, cpus, isolation);
    expect(found).toHaveLength(count);
    if (count > 0) expect(found).toMatchObject([{ unit: '101.scope', key: 'AllowedCPUs' }]);
  });
});
