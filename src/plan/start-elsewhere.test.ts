// Guests whose configs would keep them from starting on another node.
import { describe, expect, it } from 'vitest';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import { numaNodeId, vmId } from '#domain/ids.ts';
import type { GuestPlacement } from '#domain/placement.ts';
import { makeInventory } from '#fixtures/make-inventory.ts';
import { flatShape } from '#fixtures/random-host.ts';
import { startsElsewhere } from './start-elsewhere.ts';

const VM: GuestPlacement = {
  vmid: vmId(100),
  kind: 'vm',
  identity: { uuid: null, vmgenid: null, createdAt: null },
  class: 'dedicated',
  smt: 'any',
  vcpus: [],
  emulator: cpuSet(),
  affinity: cpuSet([2, 3]),
  nodes: nodeSet([0]),
  memory: null,
  found: new Map(),
};
const onNode = (node: number): Partial<GuestPlacement> => ({
  memory: { policy: 'preferred', parts: [{ hostNode: numaNodeId(node), memoryMiB: 512, vcpus: [] }] },
});

/** The other node has one NUMA node with four CPUs. */
function stuck(guest: Partial<GuestPlacement>): boolean {
  const placement = { node: 'pve', isolation: 'none', housekeeping: cpuSet(), guests: [{ ...VM, ...guest }] } as const;
  const { topology } = makeInventory(flatShape(4, 1), []);
  const found = startsElsewhere(placement, [{ node: 'small', topology }]);
  expect(found.length === 0 || found[0]?.code === 'advice-start-elsewhere').toBe(true);
  return found.length > 0;
}

describe('startsElsewhere()', () => {
  it.each<[string, Partial<GuestPlacement>, boolean]>([
    ['CPUs that are there', {}, false],
    ['some CPUs that are there: taskset takes what is left', { affinity: cpuSet([3, 9]) }, false],
    ['CPUs of which none is there', { affinity: cpuSet([8, 9]) }, true],
    ['no affinity at all', { affinity: cpuSet() }, false],
    ['a container with one CPU too many', { kind: 'container', affinity: cpuSet([3, 9]) }, true],
    ['a container whose CPUs are there', { kind: 'container' }, false],
    ['a host node that is there', onNode(0), false],
    ['a host node that is not there', onNode(1), true],
    ['a config that names none of that', { ...onNode(1), affinity: cpuSet([8]), config: 'runtime' }, false],
  ])('%s', (_case, guest, expected) => {
    expect(stuck(guest)).toBe(expected);
  });
});
