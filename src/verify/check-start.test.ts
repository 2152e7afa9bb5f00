// What stands in the way of a placed VM that is about to start.
import { describe, expect, it } from 'vitest';
import type { VmGuest } from '#domain/guest.ts';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import { numaNodeId, vcpuIndex, vmId } from '#domain/ids.ts';
import type { NodeMemory } from '#domain/inventory.ts';
import type { GuestPlacement } from '#domain/placement.ts';
import { makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { flatShape } from '#fixtures/random-host.ts';
import { checkStart } from './check-start.ts';

/** CPUs 0 to 3 are on node 0, 4 to 7 on node 1. */
const { topology } = makeInventory(flatShape(4, 2), []);
const GIB = 1024;
const memory: readonly NodeMemory[] = [0, 1].map(id => ({
  ...{ node: numaNodeId(id), totalMiB: 8 * GIB, freeMiB: GIB, availableMiB: 2 * GIB },
  hugepages: new Map([[2048, { total: 512, free: id === 0 ? 0 : 512 }]]),
}));

const PLACED: GuestPlacement = {
  vmid: vmId(100),
  kind: 'vm',
  identity: { uuid: null, vmgenid: null, createdAt: null },
  class: 'dedicated',
  smt: 'any',
  vcpus: [cpuSet([5]), cpuSet([6])],
  emulator: cpuSet([4]),
  affinity: cpuSet([4, 5, 6]),
  nodes: nodeSet([1]),
  memory: null,
  found: new Map(),
};
const withMemory = (memoryMiB: number, hostNode: number): Partial<GuestPlacement> => ({
  memory: {
    policy: 'preferred',
    parts: [{ hostNode: numaNodeId(hostNode), memoryMiB, vcpus: [vcpuIndex(0), vcpuIndex(1)] }],
  },
});

function codes(placed: Partial<GuestPlacement>, guest: Partial<VmGuest> = {}): readonly string[] {
  const vm = makeVm(100, 2, { text: 'cores: 2\nmemory: 2048\n', ...guest });
  return checkStart({ guest: vm, placed: { ...PLACED, ...placed }, topology, memory }).map(({ code }) => code);
}

describe('checkStart()', () => {
  it.each<[string, Partial<GuestPlacement>, Partial<VmGuest>, readonly string[]]>([
    ['nothing', {}, {}, []],
    ['memory that is there', withMemory(2 * GIB, 1), {}, []],
    ['memory that is not', withMemory(2 * GIB + 1, 1), {}, ['start-memory-short']],
    ['memory with the free hugepages of the pool', withMemory(3 * GIB, 1), { hugepages: '2' }, []],
    ['memory with a pool of any size', withMemory(3 * GIB, 1), { hugepages: 'any' }, []],
    ['a pool on another node', withMemory(3 * GIB, 0), { hugepages: '2' }, ['start-memory-short']],
    ['a pool of another size', withMemory(3 * GIB, 1), { hugepages: '1024' }, ['start-memory-short']],
    ['a pool that the guest does not use', withMemory(3 * GIB, 1), {}, ['start-memory-short']],
    ['a vCPU on a CPU that is gone', { vcpus: [cpuSet([5]), cpuSet([63])] }, {}, ['cpu-went-offline']],
    ['emulator threads on a CPU that is gone', { emulator: cpuSet([63]) }, {}, ['cpu-went-offline']],
    ['an affinity without any CPU', {}, { text: 'cores: 2\nmemory: 2048\naffinity: 64-65\n' }, ['start-fails']],
    ['an affinity with some', {}, { text: 'cores: 2\nmemory: 2048\naffinity: 4,64\n' }, []],
    [
      'what waits for this start',
      {},
      { text: 'cores: 2\nmemory: 2048\n\n[PENDING]\naffinity: 64-65\n' },
      ['start-fails'],
    ],
  ])('%s', (_case, placed, guest, expected) => {
    expect(codes(placed, guest)).toEqual(expected);
  });
});
