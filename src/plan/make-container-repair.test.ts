// Where a running container must go back to, and when it is left alone.
import { describe, expect, it } from 'vitest';
import { encodeIdList, parseCpuList } from '#domain/id-list.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import { type CpuId, cpuId, vmId } from '#domain/ids.ts';
import type { GuestPlacement } from '#domain/placement.ts';
import type { GuestClass } from '#domain/policy.ts';
import { makeContainerRepair } from './make-container-repair.ts';

/** CPUs 4 to 7 belong to VM 100, CPUs 2 and 3 to container 200. */
const reserved = new Map<CpuId, ReturnType<typeof vmId>>([
  ...[4, 5, 6, 7].map(cpu => [cpuId(cpu), vmId(100)] as const),
  ...[2, 3].map(cpu => [cpuId(cpu), vmId(200)] as const),
]);

function placedAs(guestClass: GuestClass, affinity: string): GuestPlacement {
  const cpus = parseCpuList(affinity);
  return {
    ...{ vmid: vmId(200), kind: 'container', class: guestClass, smt: 'any', vcpus: [], memory: null, found: new Map() },
    identity: { uuid: null, vmgenid: null, createdAt: null },
    ...{ emulator: cpus, affinity: cpus, nodes: cpuSet() as never },
  };
}

function repair(vmid: number, effective: CpuSet, placed: GuestPlacement | null, online = '0-9'): string | null {
  const runtime = { effective, cpuset: effective };
  const after = makeContainerRepair({ vmid: vmId(vmid), runtime, placed, reserved, online: parseCpuList(online) });
  return after && encodeIdList(after);
}

describe('makeContainerRepair()', () => {
  it.each([
    ['a dedicated one on its CPUs', '2-3', placedAs('dedicated', '2-3'), null],
    ['a dedicated one that was widened', '0-9', placedAs('dedicated', '2-3'), '2-3'],
    ['a dedicated one that was narrowed', '2', placedAs('dedicated', '2-3'), '2-3'],
    ['a confined one that was moved', '8-9', placedAs('confined', '0-1'), '0-1'],
    ['a shared one on its CPUs', '0-1', placedAs('shared', '0-1'), null],
    ['a shared one that Proxmox moved among free CPUs', '8-9', placedAs('shared', '0-1'), null],
  ])('of the placement: %s', (_, effective, placed, expected) => {
    expect(repair(200, parseCpuList(effective), placed)).toBe(expected);
  });

  it.each([
    ['on the CPUs of others goes where it was placed', '3-5', placedAs('shared', '0-1'), '0-1'],
    ['wholly on the CPUs of others goes to all that are free', '4-5', null, '0-1,8-9'],
    ['that is unknown loses the CPUs of others only', '1-5', null, '1'],
    ['that is unknown and bothers nobody stays', '0-1,8', null, null],
  ])('a shared one %s', (_, effective, placed, expected) => {
    expect(repair(201, parseCpuList(effective), placed)).toBe(expected);
  });

  it('leaves a container to the kernel when all its CPUs are offline', () => {
    expect(repair(200, parseCpuList('0-1'), placedAs('dedicated', '2-3'), '0-1')).toBeNull();
  });

  it('never gives a container no CPU', () => {
    expect(repair(201, parseCpuList('4-5'), null, '2-7')).toBeNull();
  });
});
