// From a placement to steps: what is running, what waits, what is left alone, and in which order.
import { describe, expect, it } from 'vitest';
import type { Guest } from '#domain/guest.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { cpuSet } from '#domain/id-set.ts';
import type { Change } from '#domain/plan.ts';
import { makeContainer, makeInventory, makeVm, makeVmRuntime } from '#fixtures/make-inventory.ts';
import { afterApply, feasiblePlan, planFor } from '#fixtures/random-host.ts';
import { shapes } from '#fixtures/shapes.ts';

const ONLINE = Array.from({ length: 32 }, (_, id) => id);
const article = (...guests: Guest[]) => makeInventory(shapes.article, guests);
const DEDICATED = { class: 'dedicated' } as const;

/** `config 100 main affinity=0-1,16-17` and the like, one line for each step. */
function words(changes: readonly Change[]): string[] {
  return changes.map(change => {
    if (change.kind === 'config') {
      const edits = change.edits.map(({ key, after }) => `${key}=${after ?? ''}`);
      return `config ${change.vmid} ${change.section} ${edits.join(' ')}`;
    }
    if (change.kind === 'cpuset') return `cpuset ${change.vmid} ${encodeIdList(change.after)}`;
    if (change.kind === 'partition') {
      return `partition ${change.vmid} ${change.after === null ? 'none' : encodeIdList(change.after)}`;
    }
    if (change.kind === 'unit') return `unit ${change.unit} ${change.after && encodeIdList(change.after)}`;
    if (change.kind === 'interrupts') return `interrupts ${change.vmid}`;
    if (change.kind === 'layer') return `layer ${change.layer}`;
    return `threads ${change.vmid} ${change.threads.map(({ tid, after }) => `${tid}:${encodeIdList(after)}`).join(' ')}`;
  });
}

describe('makeChanges()', () => {
  it('writes the main section of a stopped VM, and nothing else', () => {
    const { changes } = feasiblePlan(article(makeVm(100, 2)), { 100: DEDICATED }, 1);
    expect(words(changes)).toEqual([
      'config 100 main affinity=0-1,16-17 numa=1 numa0=cpus=0-1,memory=2048,hostnodes=0,policy=preferred',
    ]);
  });

  it('leaves values of a running VM pending, and pins its threads', () => {
    const vm = makeVm(100, 2, { runtime: makeVmRuntime(2, ONLINE) });
    const { changes } = feasiblePlan(article(vm), { 100: DEDICATED }, 1);
    expect(words(changes)).toEqual([
      'config 100 pending affinity=0-1,16-17 numa=1 numa0=cpus=0-1,memory=2048,hostnodes=0,policy=preferred',
      'threads 100 4000:0,16 4001:1 4002:17',
    ]);
  });

  it('changes what is pending where something is pending, also of a stopped VM', () => {
    const vm = makeVm(100, 2, { pending: new Map([['affinity', '9']]) });
    const { changes } = feasiblePlan(article(vm), { 100: DEDICATED }, 1);
    expect(changes[0]).toMatchObject({ section: 'pending', edits: [{ key: 'affinity', before: '9' }, {}, {}] });
  });

  it('pins only threads whose masks differ', () => {
    const vm = makeVm(100, 2, { runtime: makeVmRuntime(2, ONLINE, { pins: [1, 17] }) });
    const { changes } = feasiblePlan(article(vm), { 100: DEDICATED }, 1);
    expect(words(changes).at(-1)).toBe('threads 100 4000:0,16');
  });

  it('takes a mask with CPUs that are not there for what it allows', () => {
    const vm = makeVm(100, 2, { runtime: makeVmRuntime(2, [0, 16, 40], { pins: [1, 17] }) });
    const { changes } = feasiblePlan(article(vm), { 100: DEDICATED }, 1);
    expect(changes.map(({ kind }) => kind)).toEqual(['config']);
  });

  it('touches no thread of a VM whose QEMU is silent', () => {
    const runtime = { ...makeVmRuntime(0, []), threads: [], unreadable: 'no answer' };
    const { changes } = feasiblePlan(article(makeVm(100, 2, { runtime })), { 100: DEDICATED }, 1);
    expect(changes.map(({ kind }) => kind)).toEqual(['config']);
  });

  it('leaves threads of shared VMs alone whose CPUs belong to nobody', () => {
    const shared = makeVm(101, 1, { runtime: makeVmRuntime(1, [9, 10], { pid: 5000 }) });
    const { changes } = feasiblePlan(article(makeVm(100, 2), shared), { 100: DEDICATED }, 1);
    expect(changes.filter(({ kind }) => kind === 'threads')).toEqual([]);
  });

  it('moves everybody away before the dedicated guest comes', () => {
    const guests = [
      makeVm(100, 2, { runtime: makeVmRuntime(2, ONLINE) }),
      makeVm(101, 2, { runtime: makeVmRuntime(2, ONLINE, { pid: 5000 }) }),
      makeContainer(200, 2, { runtime: { cpuset: cpuSet([1, 2]), effective: cpuSet([1, 2]) } }),
      makeVm(102, 2, { runtime: makeVmRuntime(2, ONLINE, { pid: 6000 }) }),
    ];
    const wishes = { 100: DEDICATED, 102: { class: 'confined' } } as const;
    const { changes } = feasiblePlan(article(...guests), wishes, 1);
    expect(changes.map(({ kind, vmid }) => `${kind} ${vmid}`)).toEqual([
      'config 101',
      'config 200',
      'config 102',
      'config 100',
      'threads 101',
      'cpuset 200',
      'threads 102',
      'threads 100',
    ]);
  });

  it('gives back what the operator had when a guest is released', () => {
    const vm = makeVm(100, 2, {
      raw: new Map([['affinity', '4-7']]),
      runtime: makeVmRuntime(2, [4, 5, 6, 7]),
    });
    const inventory = article(vm);
    const after = afterApply(inventory, feasiblePlan(inventory, { 100: DEDICATED }, 1));
    expect(words(feasiblePlan(after, {}, 1).changes)).toEqual([
      'config 100 pending affinity=4-7 numa= numa0=',
      'threads 100 4000:4-7 4001:4-7 4002:4-7',
    ]);
  });

  it('leaves another guest under the same VMID alone', () => {
    const inventory = article(makeVm(100, 2));
    const after = afterApply(inventory, feasiblePlan(inventory, { 100: DEDICATED }, 1));
    const reused = makeVm(100, 2, { identity: { uuid: 'other', vmgenid: null, createdAt: null } });
    expect(feasiblePlan({ ...after, guests: [reused] }, {}, 1).changes).toEqual([]);
  });

  it('splits memory in whole hugepages, without which Proxmox would not start the VM', () => {
    const memoryOf = (hugepages: string | null) => {
      const vm = makeVm(100, 21, { memoryMiB: 20_480, hugepages });
      return feasiblePlan(article(vm), { 100: DEDICATED }, 1).placement.guests[0]?.memory?.parts.map(
        part => part.memoryMiB,
      );
    };
    expect(memoryOf(null)).toEqual([9752, 10_728]);
    expect(memoryOf('2')).toEqual([9752, 10_728]);
    expect(memoryOf('1024')).toEqual([9216, 11_264]);
  });
});

describe('findConflict()', () => {
  it('names requests of which none can be left out', () => {
    for (const sizes of [
      [20, 20],
      [2, 20, 20],
      [14, 14, 2],
      [10, 10, 10],
      [1, 29, 1],
      [8, 8, 8, 8],
    ]) {
      const guests = sizes.map((size, index) => makeVm(100 + index, size));
      const wishesOf = (vmids: readonly number[]) => Object.fromEntries(vmids.map(vmid => [vmid, DEDICATED]));
      const made = planFor(article(...guests), wishesOf(guests.map(({ vmid }) => vmid)), 1);
      if (made.kind === 'plan') continue;
      const vmids = made.conflict.map(({ vmid }) => vmid);
      expect(planFor(article(...guests), wishesOf(vmids), 1).kind).toBe('infeasible');
      for (const dropped of vmids) {
        const fewer = wishesOf(vmids.filter(vmid => vmid !== dropped));
        expect(planFor(article(...guests), fewer, 1).kind, `${sizes} without ${dropped}`).toBe('plan');
      }
    }
    expect.hasAssertions();
  });
});
