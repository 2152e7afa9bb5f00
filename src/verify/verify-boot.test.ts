// The rung `boot` is what the kernel says it isolates, and nothing else.
import { describe, expect, it } from 'vitest';
import { encodeIdList, parseCpuList } from '#domain/id-list.ts';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import { vmId } from '#domain/ids.ts';
import type { Isolation, Placement } from '#domain/placement.ts';
import { makeInventory } from '#fixtures/make-inventory.ts';
import { shapes } from '#fixtures/shapes.ts';
import { verifyBoot } from './verify-boot.ts';

const inventory = makeInventory(shapes.article, []);

/** One VM on CPUs 4 and 5, whose siblings 20 and 21 stay idle. */
const placementWith = (isolation: Isolation): Placement => ({
  ...{ node: 'pve', isolation },
  housekeeping: cpuSet([0, 16]),
  guests: [
    {
      ...{ vmid: vmId(100), kind: 'vm', class: 'dedicated', smt: 'isolate', memory: null, found: new Map() },
      identity: { uuid: null, vmgenid: null, createdAt: null },
      vcpus: [cpuSet([4]), cpuSet([5])],
      ...{ emulator: cpuSet([0, 16]), affinity: cpuSet([4, 5]), nodes: nodeSet([0]) },
    },
  ],
});

const missing = (isolated: string, isolation: Isolation = 'boot') => {
  const topology = { ...inventory.topology, isolated: parseCpuList(isolated) };
  const found = [...verifyBoot({ ...inventory, topology }, placementWith(isolation))];
  return found.map(one => ('cpus' in one ? `${one.severity} ${encodeIdList(one.cpus)}` : one.code));
};

describe('verifyBoot()', () => {
  it.each([
    ['', 'warning 4-5,20-21'],
    ['4-5', 'warning 20-21'],
    ['4,20', 'warning 5,21'],
  ])('names dedicated CPUs beyond "%s", idle siblings too', (isolated, found) => {
    expect(missing(isolated)).toEqual([found]);
  });

  it.each(['4-5,20-21', '1-15,17-31'])('has nothing against %s', isolated => {
    expect(missing(isolated)).toEqual([]);
  });

  it.each(['none', 'confine', 'partition'] as const)('says nothing of the rung %s', isolation => {
    expect(missing('', isolation)).toEqual([]);
  });
});
