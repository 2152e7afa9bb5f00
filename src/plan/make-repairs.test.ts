// Threads of placed, shared and unknown guests, and where they are put back.
import { describe, expect, it } from 'vitest';
import type { GuestThread, ThreadRole } from '#domain/guest.ts';
import { encodeIdList, parseCpuList } from '#domain/id-list.ts';
import { nodeSet } from '#domain/id-set.ts';
import { cpuId, numaNodeId, vcpuIndex, vmId } from '#domain/ids.ts';
import type { GuestPlacement } from '#domain/placement.ts';
import type { GuestClass } from '#domain/policy.ts';
import { makeRepairs, type RepairInput } from './make-repairs.ts';

const vcpu = (index: number): ThreadRole => ({ kind: 'vcpu', index: vcpuIndex(index) });
const emulator: ThreadRole = { kind: 'emulator' };

function thread(tid: number, role: ThreadRole, allowed: string): GuestThread {
  return { tid, role, name: 'kvm', allowed: parseCpuList(allowed), lastCpu: 0 };
}

function placement(className: GuestClass, vcpus: readonly string[], affinity: string): GuestPlacement {
  return {
    vmid: vmId(100),
    kind: 'vm',
    identity: { uuid: null, vmgenid: null, createdAt: null },
    class: className,
    smt: 'isolate',
    vcpus: vcpus.map(parseCpuList),
    emulator: parseCpuList('0'),
    affinity: parseCpuList(affinity),
    nodes: nodeSet([numaNodeId(0)]),
    memory: null,
    found: new Map(),
  };
}

/** CPUs 4 and 5 are guest 100's own, 6 is guest 200's. */
const reserved = new Map([
  [cpuId(4), vmId(100)],
  [cpuId(5), vmId(100)],
  [cpuId(6), vmId(200)],
]);

function repairs(input: Partial<RepairInput> & Pick<RepairInput, 'threads' | 'placed'>): Record<number, string> {
  const all = makeRepairs({ vmid: vmId(100), reserved, online: parseCpuList('0-7'), ...input });
  return Object.fromEntries(all.map(({ thread, after }) => [thread.tid, encodeIdList(after)]));
}

describe('makeRepairs()', () => {
  const dedicated = placement('dedicated', ['4', '5'], '0,4-5');

  it('puts vCPUs 1:1 and every other thread on the emulator CPUs', () => {
    const threads = [thread(1, emulator, '0,4-5'), thread(2, vcpu(0), '0,4-5'), thread(3, vcpu(1), '0,4-5')];
    expect(repairs({ threads, placed: dedicated })).toEqual({ 1: '0', 2: '4', 3: '5' });
  });

  it('does nothing where all is as placed', () => {
    const threads = [thread(1, emulator, '0'), thread(2, vcpu(0), '4'), thread(3, vcpu(1), '5')];
    expect(repairs({ threads, placed: dedicated })).toEqual({});
  });

  it('takes a vCPU beyond the placement for an emulator thread', () => {
    expect(repairs({ threads: [thread(4, vcpu(2), '0-7')], placed: dedicated })).toEqual({ 4: '0' });
  });

  it('ignores CPUs of a mask that are not online', () => {
    const threads = [thread(2, vcpu(0), '4,12')];
    expect(repairs({ threads, placed: dedicated })).toEqual({});
  });

  it('leaves a thread alone whose CPUs are all offline', () => {
    const threads = [thread(2, vcpu(0), '0-3')];
    expect(repairs({ threads, placed: dedicated, online: parseCpuList('0-3') })).toEqual({});
  });

  it.each([
    ['takes only the CPUs of others from a shared guest', '0-7', '0-3,7'],
    ['leaves a shared guest alone that is nobody in the way', '1-2', undefined],
    ['gives a shared guest that has only CPUs of others its own back', '4-6', '1-3'],
  ])('%s', (_, allowed, after) => {
    const placed = placement('shared', [], '1-3');
    const found = repairs({ threads: [thread(9, emulator, allowed)], placed, vmid: vmId(300) });
    expect(found[9]).toBe(after);
  });

  it.each([
    ['0-7', '0-3,7'],
    ['4-6', '0-3,7'],
    ['2', undefined],
  ])('keeps a guest without a placement off others: %s → %s', (allowed, after) => {
    const found = repairs({ threads: [thread(9, vcpu(0), allowed)], placed: null, vmid: vmId(300) });
    expect(found[9]).toBe(after);
  });
});
