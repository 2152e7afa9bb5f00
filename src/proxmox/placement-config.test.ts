// The config values of a placement, and what an operator's own values say.
import { describe, expect, it } from 'vitest';
import type { Guest } from '#domain/guest.ts';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import { numaNodeId, vcpuIndex, vmId } from '#domain/ids.ts';
import type { GuestPlacement } from '#domain/placement.ts';
import { configuredCpus, encodePlacementConfig, nextValue, placementKeys } from './placement-config.ts';

const CPUSET = 'lxc.cgroup2.cpuset.cpus';

const VM: GuestPlacement = {
  vmid: vmId(100),
  kind: 'vm',
  identity: { uuid: null, vmgenid: null, createdAt: null },
  class: 'confined',
  smt: 'any',
  vcpus: [],
  emulator: cpuSet(),
  affinity: cpuSet([0, 1, 2, 3, 8]),
  nodes: nodeSet(),
  memory: null,
  found: new Map(),
};
const CONTAINER: GuestPlacement = { ...VM, kind: 'container' };

const encode = (placement: GuestPlacement) => Object.fromEntries(encodePlacementConfig(placement));

describe('placementKeys()', () => {
  it('gives the keys of each kind of guest', () => {
    const numaKeys = ['numa0', 'numa1', 'numa2', 'numa3', 'numa4', 'numa5', 'numa6', 'numa7'];
    expect(placementKeys('vm')).toEqual(['affinity', 'numa', ...numaKeys]);
    expect(placementKeys('container')).toEqual([CPUSET]);
  });
});

describe('nextValue()', () => {
  const guest = {
    raw: new Map([
      ['affinity', '0'],
      ['numa', '1'],
      ['numa0', 'cpus=0'],
    ]),
    pending: new Map([
      ['affinity', '4'],
      ['numa', null],
    ]),
  } as Pick<Guest, 'raw' | 'pending'> as Guest;

  it.each([
    ['affinity', '4'],
    ['numa', null],
    ['numa0', 'cpus=0'],
    ['numa1', null],
  ])('%s is %j', (key, value) => {
    expect(nextValue(guest, key)).toBe(value);
  });
});

describe('configuredCpus()', () => {
  it.each<[Guest['kind'], string, string, readonly number[] | undefined]>([
    ['vm', 'affinity', '0-1,4', [0, 1, 4]],
    ['vm', 'affinity', '0', undefined],
    ['vm', 'affinity', '0,', undefined],
    ['vm', 'affinity', '3-1', undefined],
    ['vm', CPUSET, '0-1', undefined],
    ['container', CPUSET, '0-1,4', [0, 1, 4]],
    ['container', CPUSET, '0', [0]],
    ['container', CPUSET, '3-1', undefined],
    ['container', 'affinity', '0-1', undefined],
  ])('of a %s with %s: %s is %j', (kind, key, value, cpus) => {
    expect(configuredCpus(kind, new Map([[key, value]]))?.ids).toEqual(cpus);
  });

  it('takes a removed line for no confinement', () => {
    expect(configuredCpus('vm', new Map([['affinity', null]]))).toBeNull();
    expect(configuredCpus('container', new Map())).toBeNull();
  });
});

describe('encodePlacementConfig()', () => {
  it('writes the mask of a VM and of a container', () => {
    expect(encode(VM)).toEqual({ affinity: '0-3,8' });
    expect(encode(CONTAINER)).toEqual({ [CPUSET]: '0-3,8' });
    expect(encode({ ...VM, affinity: cpuSet([0]) })).toEqual({ affinity: '0-0' });
    expect(encode({ ...CONTAINER, affinity: cpuSet([0]) })).toEqual({ [CPUSET]: '0' });
  });

  it("keeps the operator's own spelling where it says the same, and no other", () => {
    expect(encode({ ...VM, found: new Map([['affinity', '8,0-3']]) })).toEqual({ affinity: '8,0-3' });
    expect(encode({ ...VM, found: new Map([['affinity', '8,0-2']]) })).toEqual({ affinity: '0-3,8' });
  });

  it("keeps the operator's NUMA lines when memory is left as it is", () => {
    const found = new Map<string, string | null>([
      ['numa', '0'],
      ['numa5', 'cpus=0'],
    ]);
    expect(encode({ ...VM, found })).toEqual({ affinity: '0-3,8', numa: '0', numa5: 'cpus=0' });
  });

  it('writes one NUMA line for each part of the memory, and removes the others', () => {
    const part = (index: number, hostNode: number) => ({
      hostNode: numaNodeId(hostNode),
      memoryMiB: 4096,
      vcpus: [vcpuIndex(2 * index), vcpuIndex(2 * index + 1)],
    });
    const memory = { policy: 'preferred' as const, parts: [part(0, 1), part(1, 0)] };
    const found = new Map<string, string | null>([['numa5', 'cpus=0']]);
    expect(encode({ ...VM, memory, found })).toEqual({
      affinity: '0-3,8',
      numa: '1',
      numa0: 'cpus=0-1,memory=4096,hostnodes=1,policy=preferred',
      numa1: 'cpus=2-3,memory=4096,hostnodes=0,policy=preferred',
      numa2: null,
      numa3: null,
      numa4: null,
      numa5: null,
      numa6: null,
      numa7: null,
    });
  });

  it.each([
    ['in the order of the documentation', 'cpus=0-1,hostnodes=1,memory=4096,policy=preferred', true],
    ['with a list written otherwise', 'cpus=0;1,memory=4096,hostnodes=1,policy=preferred', false],
    ['with another policy', 'cpus=0-1,hostnodes=1,memory=4096,policy=bind', false],
    ['with one property more', 'cpus=0-1,hostnodes=1,memory=4096,policy=preferred,x=1', false],
    ['without host nodes', 'cpus=0-1,memory=4096', false],
  ])("meets an operator's NUMA line %s", (_, own, isKept) => {
    const parts = [{ hostNode: numaNodeId(1), memoryMiB: 4096, vcpus: [vcpuIndex(0), vcpuIndex(1)] }];
    const placement = { ...VM, memory: { policy: 'preferred' as const, parts }, found: new Map([['numa0', own]]) };
    expect(encode(placement).numa0).toBe(isKept ? own : 'cpus=0-1,memory=4096,hostnodes=1,policy=preferred');
  });
});
