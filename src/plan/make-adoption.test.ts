// What is taken over of guests that were pinned by hand, as what, and what is not.
import { describe, expect, it } from 'vitest';
import type { NotAdopted } from '#domain/adoption.ts';
import type { Guest, VmRuntime } from '#domain/guest.ts';
import { cpuSet } from '#domain/id-set.ts';
import { type VmId, vmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { Placement } from '#domain/placement.ts';
import type { Wishes } from '#domain/policy.ts';
import { deviationsOf } from '#fixtures/deviations.ts';
import { makeContainer, makeInventory, makeVm, makeVmRuntime } from '#fixtures/make-inventory.ts';
import { shapes } from '#fixtures/shapes.ts';
import { makeAdoption } from './make-adoption.ts';
import { makePlan } from './make-plan.ts';

/** CPU N and N+16 are siblings; 0-7 and 16-23 are node 0. */
const { article } = shapes;
const everywhere = Array.from({ length: 32 }, (_, cpu) => cpu);

const DEDICATED: Wishes = {
  ...{ class: 'dedicated', smt: 'auto', memory: 'preferred', span: 'node' },
  ...{ emulator: 'housekeeping', cache: 'auto', priority: 0, named: true },
};

const POLICY = { housekeeping: { coresPerNode: 1, cpus: null }, guests: new Map() };

const adopt = (inventory: Inventory, only: readonly number[] | null = null) =>
  makeAdoption({ inventory, policy: POLICY, only: only && new Set(only.map(vmId)) });

/** The common pattern: `affinity` in the config, then a hookscript with `taskset` for each vCPU. */
function pinned(vmid: number, pins: readonly number[], more: { mask?: readonly number[]; affinity?: string } = {}) {
  const { mask = pins, affinity } = more;
  const raw = new Map(affinity === undefined ? [] : [['affinity', affinity]]);
  const runtime = makeVmRuntime(pins.length, mask, { pins, pid: vmid * 100 });
  return makeVm(vmid, pins.length, { raw, runtime });
}

const masked = (vmid: number, vcpus: number, mask: readonly number[]) =>
  makeVm(vmid, vcpus, { runtime: makeVmRuntime(vcpus, mask, { pid: vmid * 100 }) });

const whyLeft = (guest: Guest, others: readonly Guest[] = []): NotAdopted | undefined =>
  adopt(makeInventory(article, [guest, ...others]), [guest.vmid]).left[0]?.why;

/** Whatever is adopted must be true at once, as verify sees it. */
const expectTrue = (inventory: Inventory, placement: Placement) =>
  expect(deviationsOf(inventory, placement)).toEqual([]);

describe('makeAdoption()', () => {
  it('takes one CPU for each vCPU for dedicated when nobody else may run there', () => {
    const inventory = makeInventory(article, [
      pinned(100, [4, 5, 6, 7], { affinity: '4-7' }),
      masked(101, 2, [0, 1, 2, 3, 16, 17, 18, 19]),
    ]);
    const { adopted, left, placement } = adopt(inventory);
    expect(left).toEqual([]);
    expect(adopted.map(({ placed }) => [placed.vmid, placed.class, placed.smt])).toEqual([
      [100, 'dedicated', 'isolate'],
      [101, 'confined', 'any'],
    ]);
    expect(adopted[0]?.wishes).toEqual([
      ['class', 'dedicated'],
      ['smt', 'isolate'],
    ]);
    expect(adopted[1]?.wishes).toEqual([['class', 'confined']]);
    expect(placement.housekeeping.isDisjointFrom(cpuSet([4, 5, 6, 7, 20, 21, 22, 23]))).toBe(true);
    expectTrue(inventory, placement);
  });

  it('takes it for confined where others may run too, and still says dedicated in the policy', () => {
    const inventory = makeInventory(article, [
      pinned(100, [4, 5], { affinity: '4-5' }),
      masked(101, 2, everywhere),
      makeContainer(200, null, { runtime: { effective: cpuSet(everywhere), cpuset: cpuSet() } }),
    ]);
    const { adopted, placement } = adopt(inventory);
    expect(adopted).toHaveLength(1);
    expect(adopted[0]).toMatchObject({ beside: [101, 200], placed: { class: 'confined' } });
    expect(adopted[0]?.wishes?.[0]).toEqual(['class', 'dedicated']);
    expect(adopted[0]?.placed.vcpus.map(cpus => cpus.ids)).toEqual([[4], [5]]);
    expectTrue(inventory, placement);
  });

  it('counts somebody on a sibling as a neighbour', () => {
    const inventory = makeInventory(article, [pinned(100, [4, 5]), masked(101, 2, [0, 16]), masked(102, 1, [20, 30])]);
    expect(adopt(inventory).adopted[0]).toMatchObject({ beside: [102] });
  });

  it('writes no affinity for a guest that a script alone has pinned', () => {
    const inventory = makeInventory(article, [pinned(100, [4, 5], { mask: everywhere })]);
    const { adopted, placement } = adopt(inventory);
    expect(adopted[0]?.placed.affinity.isEmpty).toBe(true);
    expect(adopted[0]?.placed.found.get('affinity')).toBeNull();
    expect(adopted[0]?.placed.class).toBe('dedicated');
    expectTrue(inventory, placement);
  });

  it.each([
    ['pairs', [4, 20, 5, 21]],
    ['isolate', [4, 5, 22, 7]],
    ['any', [4, 20, 5, 6]],
    ['any', [4, 5, 20, 21]],
  ] as const)('sees "smt: %s" in %j', (smt, pins) => {
    expect(adopt(makeInventory(article, [pinned(100, pins)])).adopted[0]?.placed.smt).toBe(smt);
  });

  it('asks for no SMT policy where cores have one thread', () => {
    const adopted = adopt(makeInventory(shapes.tiny, [pinned(100, [1])])).adopted[0];
    expect(adopted?.wishes).toEqual([['class', 'dedicated']]);
  });

  it('confines to a cache where the mask is in one and the node has more', () => {
    const inventory = makeInventory(shapes['epyc-nps4'], [masked(100, 4, [0, 1, 2, 3])]);
    expect(adopt(inventory).adopted[0]?.wishes).toEqual([
      ['class', 'confined'],
      ['span', 'llc'],
    ]);
  });

  it('takes a stopped VM by its affinity, and a container by its cpuset line', () => {
    const line = new Map([['lxc.cgroup2.cpuset.cpus', '8-11']]);
    const cpuset = cpuSet([8, 9, 10, 11]);
    const inventory = makeInventory(article, [
      makeVm(100, 4, { raw: new Map([['affinity', '0-3,16-19']]) }),
      makeContainer(200, 4, { raw: line, cpuset, runtime: { effective: cpuset, cpuset } }),
    ]);
    const { adopted, placement } = adopt(inventory);
    expect(adopted.map(({ placed }) => [placed.vmid, placed.class])).toEqual([
      [100, 'confined'],
      [200, 'confined'],
    ]);
    expectTrue(inventory, placement);
  });

  it('keeps bind, and says where memory is that no CPU is near', () => {
    const raw = new Map([
      ['affinity', '4-5'],
      ['numa', '1'],
      ['numa0', 'cpus=0-1,memory=2048,hostnodes=1,policy=bind'],
    ]);
    const numaNodes = [{ index: 0, vcpus: [], memoryMiB: 2048, hostNodes: [], policy: 'bind' as const }];
    const runtime = makeVmRuntime(2, [4, 5], { pins: [4, 5], resident: { 0: 20, 1: 2000 } });
    const inventory = makeInventory(article, [makeVm(100, 2, { raw, numa: true, numaNodes, runtime })]);
    const { adopted, placement } = adopt(inventory);
    expect(adopted[0]?.wishes).toContainEqual(['memory', 'bind']);
    expect(adopted[0]?.memoryElsewhere.ids).toEqual([1]);
    expectTrue(inventory, placement);
  });

  it('leaves an entry of the policy as it is', () => {
    const inventory = makeInventory(article, [pinned(100, [4, 5])]);
    const policy = { ...POLICY, guests: new Map([[vmId(100), { class: 'shared' as const }]]) };
    expect(makeAdoption({ inventory, policy, only: null }).adopted[0]?.wishes).toBeNull();
  });

  it('says nothing of guests that nobody has pinned, unless asked', () => {
    const inventory = makeInventory(article, [masked(100, 2, everywhere), makeVm(101, 2)]);
    expect(adopt(inventory)).toMatchObject({ adopted: [], left: [] });
    expect(adopt(inventory, [101]).left).toEqual([{ vmid: 101, why: { kind: 'not-pinned' } }]);
  });

  it('leaves guests alone whose CPUs another one is pinned to, both of them', () => {
    const inventory = makeInventory(article, [pinned(100, [4, 5]), pinned(101, [5, 6]), pinned(102, [8, 9])]);
    const { adopted, left } = adopt(inventory);
    expect(adopted.map(({ placed }) => placed.vmid)).toEqual([102]);
    expect(left.map(({ vmid, why }) => [vmid, why.kind === 'overlap' && [why.cpus.ids, why.others]])).toEqual([
      [100, [[5], [101]]],
      [101, [[5], [100]]],
    ]);
  });

  it('lets confined guests share, and leaves the dedicated one that stands in a mask', () => {
    const inventory = makeInventory(article, [
      masked(100, 2, [0, 1, 2, 3]),
      masked(101, 2, [0, 1, 2, 3]),
      pinned(102, [3, 4]),
    ]);
    const { adopted, left } = adopt(inventory);
    expect(adopted.map(({ placed }) => placed.vmid)).toEqual([100, 101]);
    expect(left).toMatchObject([{ vmid: 102, why: { kind: 'overlap', others: [100, 101] } }]);
  });

  it('adds to a placement in force, and touches none of its guests', () => {
    const first = makeInventory(article, [pinned(100, [4, 5], { affinity: '4-5' }), pinned(101, [8, 9])]);
    const { placement } = adopt(first, [100]);
    const second = { ...first, placement };
    expect(adopt(second, [100]).left).toEqual([{ vmid: 100, why: { kind: 'placed' } }]);
    const both = adopt(second);
    expect(both.left).toEqual([]);
    expect(both.placement.guests.map(({ vmid }) => vmid)).toEqual([100, 101]);
    expect(both.placement.guests[0]).toEqual(placement.guests[0]);
    expectTrue(second, both.placement);
  });

  it('leaves a guest on CPUs that the placement in force has given away', () => {
    const first = makeInventory(article, [pinned(100, [4, 5], { affinity: '4-5' })]);
    const { placement } = adopt(first);
    const inventory = makeInventory(article, [...first.guests, masked(101, 2, [20, 21])]);
    expect(adopt({ ...inventory, placement }, [101]).left).toMatchObject([
      { vmid: 101, why: { kind: 'overlap', others: [100] } },
    ]);
  });

  it('leaves the next plan the vCPUs where they are', () => {
    const inventory = makeInventory(article, [pinned(100, [4, 5, 6, 7], { affinity: '4-7' })]);
    const { placement } = adopt(inventory);
    const wishes = new Map<VmId, Wishes>([[vmId(100), { ...DEDICATED, smt: 'isolate' }]]);
    const plan = makePlan({
      ...{ inventory: { ...inventory, placement }, wishes, housekeeping: POLICY.housekeeping },
      ...{ isolation: 'none', policyDigest: '', through: 'file' },
    });
    if (plan.kind === 'infeasible') throw new Error('infeasible');
    expect(plan.placement.guests[0]?.vcpus.map(cpus => cpus.ids)).toEqual([[4], [5], [6], [7]]);
    const moved = plan.changes.flatMap(change => (change.kind === 'threads' ? change.threads : []));
    expect(moved.filter(({ role }) => role.kind === 'vcpu')).toEqual([]);
  });
});

describe('makeAdoption() leaves', () => {
  const running = (threads: VmRuntime['threads']): VmRuntime => ({ ...makeVmRuntime(0, [0]), threads });
  const four = makeVmRuntime(4, [0, 1], { pins: [0, 1] });

  it.each<[string, Guest, NotAdopted['kind']]>([
    ['a template', makeVm(100, 2, { template: true }), 'template'],
    ['a mask over two nodes', masked(100, 2, [0, 1, 8, 9]), 'wider-than-node'],
    ['an affinity over two nodes', makeVm(100, 2, { raw: new Map([['affinity', '0-3,8-11']]) }), 'wider-than-node'],
    ['two vCPUs on one CPU', pinned(100, [4, 4, 5]), 'vcpus-differ'],
    ['some vCPUs pinned and others not', makeVm(100, 4, { runtime: four }), 'vcpus-differ'],
    [
      'emulator threads with masks of their own',
      makeVm(100, 1, {
        runtime: running([
          ...makeVmRuntime(1, [0], { pins: [4] }).threads,
          { tid: 9, role: { kind: 'iothread', id: 'iothread0' }, name: 'kvm', allowed: cpuSet([1]), lastCpu: 1 },
        ]),
      }),
      'emulator-differs',
    ],
    [
      'vCPUs that are not plugged in',
      makeVm(100, 4, { pluggedVcpus: 2, runtime: makeVmRuntime(2, [4, 5]) }),
      'vcpus-unplugged',
    ],
    [
      'a NUMA change that waits',
      makeVm(100, 2, { pending: new Map([['numa', '1']]), runtime: makeVmRuntime(2, [4, 5]) }),
      'restart-pending',
    ],
    [
      'a stopped VM whose script may pin it',
      makeVm(100, 2, {
        raw: new Map([
          ['affinity', '4-5'],
          ['hookscript', 'local:snippets/taskset.sh'],
        ]),
      }),
      'stopped-with-hookscript',
    ],
    ['CPUs that are not there', makeVm(100, 2, { raw: new Map([['affinity', '64-67']]) }), 'cpus-absent'],
    ['an unreadable VM', makeVm(100, 2, { runtime: { ...running([]), unreadable: 'no answer' } }), 'unreadable'],
    [
      'a container whose cpuset was changed live',
      makeContainer(100, 2, { cpuset: cpuSet([4, 5]), runtime: { effective: cpuSet([6, 7]), cpuset: cpuSet([6, 7]) } }),
      'cpuset-differs',
    ],
    [
      'a container that only the rebalancer has moved',
      makeContainer(100, 2, { runtime: { effective: cpuSet([6, 7]), cpuset: cpuSet([6, 7]) } }),
      'not-pinned',
    ],
  ])('%s', (_, guest, kind) => {
    expect(whyLeft(guest)?.kind).toBe(kind);
  });
});
