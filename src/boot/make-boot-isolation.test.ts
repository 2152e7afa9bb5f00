// Which CPUs are isolated at boot, what is asked for them, and what is left out.
import { describe, expect, it } from 'vitest';
import type { HugepagePool, KernelAbilities } from '#domain/boot-isolation.ts';
import { encodeIdList, parseCpuList } from '#domain/id-list.ts';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import { numaNodeId, vmId } from '#domain/ids.ts';
import type { GuestPlacement, Placement } from '#domain/placement.ts';
import { makeInventory } from '#fixtures/make-inventory.ts';
import { type ShapeName, shapes } from '#fixtures/shapes.ts';
import { type BootIsolationInput, makeBootIsolation, wordsOf } from './make-boot-isolation.ts';

/** Two nodes of eight cores, CPU N and N+16 are siblings. */
const { topology } = makeInventory(shapes.article, []);
const able: KernelAbilities = { release: '6.8.12-4-pve', nohzFull: true, rcuNocbs: true, hugepagesByNode: true };

function placed(vmid: number, vcpus: string, more: Partial<GuestPlacement> = {}): GuestPlacement {
  return {
    vmid: vmId(vmid),
    kind: 'vm',
    identity: { uuid: null, vmgenid: null, createdAt: null },
    ...{ class: 'dedicated', smt: 'isolate', memory: null, found: new Map() },
    vcpus: parseCpuList(vcpus).ids.map(cpu => cpuSet([cpu])),
    emulator: cpuSet([0, 16]),
    affinity: parseCpuList(vcpus),
    nodes: nodeSet([0]),
    ...more,
  };
}

const placement = (...guests: readonly GuestPlacement[]): Placement => ({
  ...{ node: 'pve', isolation: 'none', guests },
  housekeeping: cpuSet([0, 16]),
});

const pool = (node: number, sizeKiB: number, pages: number): HugepagePool => ({
  ...{ node: numaNodeId(node), sizeKiB, pages },
  vmids: [vmId(100)],
});

const plan = (guests: readonly GuestPlacement[], more: Partial<BootIsolationInput> = {}) =>
  makeBootIsolation({
    ...{ topology, pools: [], kernel: able, hasForeignPools: false },
    placement: placement(...guests),
    ...more,
  });

const container = (vmid: number, cpus: string) =>
  placed(vmid, '', { kind: 'container', vcpus: [], affinity: parseCpuList(cpus) });

describe('makeBootIsolation()', () => {
  it('isolates whole cores, idle siblings too, and leaves interrupts to all others', () => {
    expect(wordsOf(plan([placed(100, '4-7')]))).toEqual([
      'isolcpus=managed_irq,domain,4-7,20-23',
      'nohz_full=4-7,20-23',
      'rcu_nocbs=4-7,20-23',
      'irqaffinity=0-3,8-19,24-31',
    ]);
  });

  it.each([
    ['two guests on the threads of one core', [placed(100, '4'), placed(101, '20')], '4,20'],
    ['threads in pairs', [placed(100, '4,20', { smt: 'pairs' })], '4,20'],
    ['what is confined or shared beside it', [placed(100, '4'), placed(101, '5', { class: 'confined' })], '4,20'],
  ])('isolates the cores of %s', (_, guests, cpus) => {
    expect(encodeIdList(plan(guests).cpus)).toBe(cpus);
  });

  it.each([
    ['no guest', []],
    ['confined guests', [placed(100, '4-7', { class: 'confined' })]],
  ])('isolates nothing for %s', (_, guests) => {
    const { cpus, parameters, leftCpus } = plan(guests);
    expect([cpus.isEmpty, parameters, leftCpus]).toEqual([true, [], []]);
  });

  it('isolates nothing without a placement', () => {
    expect(
      makeBootIsolation({ topology, placement: null, pools: [], kernel: able, hasForeignPools: false }).cpus.isEmpty,
    ).toBe(true);
  });

  it.each([
    ['the core of the boot CPU', [placed(100, '0,4', { emulator: cpuSet([1, 17]) })], '4,20', 'boot-core', '0,16'],
    ['a container', [placed(100, '4'), container(200, '5,21')], '4,20', 'container', '5,21'],
    [
      'a core of which its emulator has a thread',
      [placed(100, '4-5', { emulator: cpuSet([21]) })],
      '4,20',
      'shared-core',
      '5',
    ],
  ])('leaves out %s, and says so', (_, guests, cpus, why, left) => {
    const made = plan(guests);
    expect(encodeIdList(made.cpus)).toBe(cpus);
    expect(made.leftCpus.map(one => [one.why, encodeIdList(one.cpus)])).toEqual([[why, left]]);
  });

  it.each([
    [{ nohzFull: false }, 'nohz_full', 'kernel-lacks'],
    [{ nohzFull: null }, 'nohz_full', 'kernel-unknown'],
    [{ rcuNocbs: false }, 'rcu_nocbs', 'kernel-lacks'],
  ])('does not ask a kernel %j for %s', (lacks, name, why) => {
    const made = plan([placed(100, '4')], { kernel: { ...able, ...lacks } });
    expect(made.leftParameters).toEqual([{ name, why }]);
    expect(wordsOf(made).some(word => word.startsWith(`${name}=`))).toBe(false);
    expect(wordsOf(made)).toHaveLength(3);
  });

  it.each<[string, readonly HugepagePool[], Partial<BootIsolationInput>, readonly string[]]>([
    ['by node', [pool(0, 1048576, 4), pool(1, 1048576, 2)], {}, ['hugepagesz=1G', 'hugepages=0:4,1:2']],
    [
      'of each size',
      [pool(0, 1048576, 4), pool(1, 2048, 512)],
      {},
      ['hugepagesz=2M', 'hugepages=1:512', 'hugepagesz=1G', 'hugepages=0:4'],
    ],
    [
      'without a number on a host with one node',
      [pool(0, 1048576, 4)],
      { topology: oneNode('ryzen-x3d') },
      ['hugepagesz=1G', 'hugepages=4'],
    ],
  ])('asks for hugepages %s', (_, pools, more, words) => {
    expect(wordsOf(plan([placed(100, '4')], { pools, ...more })).slice(4)).toEqual(words);
  });

  it.each<[string, Partial<BootIsolationInput>, string]>([
    ['by node of a kernel that cannot', { kernel: { ...able, hugepagesByNode: false } }, 'by-node'],
    ['of nodes with a gap before them', { pools: [pool(33, 1048576, 4)] }, 'by-node'],
    ['beside those of somebody else', { hasForeignPools: true }, 'present'],
  ])('does not ask for hugepages %s', (_, more, why) => {
    const made = plan([placed(100, '4')], { pools: [pool(0, 1048576, 4)], ...more });
    expect(made.leftParameters).toEqual([{ name: 'hugepages', why }]);
    expect(wordsOf(made)).toHaveLength(4);
  });
});

function oneNode(shape: ShapeName) {
  const made = makeInventory(shapes[shape], []).topology;
  expect(made.nodes).toHaveLength(1);
  return made;
}
