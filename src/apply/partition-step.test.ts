// Partitions made by an apply and taken away by its undo, on a captured host.
import { describe, expect, it } from 'vitest';
import { encodeIdList } from '#domain/id-list.ts';
import { cpuSet } from '#domain/id-set.ts';
import { vcpuIndex } from '#domain/ids.ts';
import type { Plan } from '#domain/plan.ts';
import { addThread, restart, secondVcpuOf } from '#fixtures/berth-tree.ts';
import {
  BOUND_THREAD,
  endButForHelper,
  IRQ_THREAD,
  KSWAPD,
  makePartitionTree,
  scopeOf,
} from '#fixtures/partition-tree.ts';
import type { Host } from '#host/host.ts';

const ISOLATED = '/sys/fs/cgroup/cpuset.cpus.isolated';
const vcpuCgroup = (vmid: number) => `${scopeOf(vmid)}/vcpu`;
const words = ({ changes }: Plan) =>
  changes.map(change => [
    change.kind,
    change.vmid,
    change.kind === 'partition' && (change.after === null ? 'none' : encodeIdList(change.after)),
  ]);

describe('an apply with partitions', () => {
  it('makes them, and its undo restores every byte', async () => {
    const tree = makePartitionTree();
    const before = tree.files();
    await tree.apply();
    expect(tree.host.read(ISOLATED)).toBe('1-4,9-12,17-20,25-28\n');
    expect(await tree.undo()).toMatchObject({ state: 'done' });
    expect(tree.files()).toEqual(before);
  });

  it('leaves one that has lost its CPUs, and makes it anew', async () => {
    const tree = makePartitionTree();
    await tree.apply();
    tree.host.writeKernelFile(`${vcpuCgroup(101)}/cpuset.cpus.partition`, 'member');
    expect(words(await tree.plan())).toEqual([
      ['partition', 101, 'none'],
      ['partition', 101, '1-4,17-20'],
    ]);
    await tree.apply();
    expect(tree.host.read(`${vcpuCgroup(101)}/cpuset.cpus.partition`)).toBe('isolated\n');
    expect((await tree.plan()).changes).toEqual([]);
  });

  it('makes one anew from which a stranger has taken a vCPU', async () => {
    const tree = makePartitionTree();
    await tree.apply();
    tree.host.writeKernelFile(`${scopeOf(101)}/cgroup.threads`, `${secondVcpuOf(tree, 101)}`);
    await tree.apply();
    expect(tree.host.read(`${vcpuCgroup(101)}/cgroup.threads`)).toContain(`${secondVcpuOf(tree, 101)}\n`);
    expect((await tree.plan()).changes).toEqual([]);
  });

  it('leaves a vCPU outside that was plugged in since the placement was made', async () => {
    const tree = makePartitionTree();
    await tree.apply();
    const tid = addThread(tree, 101);
    tree.edit('/run/qemu-server/101.qmp.json', /"query-cpus-fast": \[/, text => {
      const props = { 'core-id': 4, 'thread-id': 0, 'socket-id': 0 };
      return `${text}${JSON.stringify({ 'thread-id': tid, 'cpu-index': vcpuIndex(4), props, target: 'x86_64' })},`;
    });
    const codes = async () => (await tree.verify()).findings.map(({ code }) => code);
    expect(await codes()).not.toContain('partition-missing');
    tree.host.writeKernelFile(`${vcpuCgroup(101)}/cgroup.threads`, `${tid}`);
    expect(await codes()).toContain('partition-missing');
  });
});

describe('undo', () => {
  it('takes away partitions that the agent has made since, of guests that were restarted', async () => {
    const tree = makePartitionTree();
    await tree.apply();
    restart(tree, 101);
    expect(await tree.undo()).toMatchObject({ state: 'done' });
    expect(tree.host.read(ISOLATED)).toBe('\n');
    expect(tree.host.read(`${vcpuCgroup(101)}/cgroup.type`)).toBeNull();
  });

  it('switches the controller off again that was switched on for partitions, though all of these ended before', async () => {
    const control = '/sys/fs/cgroup/qemu.slice/cgroup.subtree_control';
    const tree = makePartitionTree();
    await tree.apply();
    expect(tree.host.read(control)).toBe('cpuset\n');
    for (const vmid of [101, 104]) restart(tree, vmid);
    await tree.undo();
    expect(tree.host.read(control)).toBe('\n');
  });

  it('leaves the controller to somebody else who has come to use it', async () => {
    const tree = makePartitionTree();
    await tree.apply();
    for (const vmid of [101, 104]) restart(tree, vmid);
    tree.host.replaceFile(`${scopeOf(102)}/cpuset.cpus`, '0-3\n');
    await tree.undo();
    expect(tree.host.read('/sys/fs/cgroup/qemu.slice/cgroup.subtree_control')).toBe('cpuset\n');
  });

  it('takes away one that a helper has kept alive since its QEMU ended', async () => {
    const tree = makePartitionTree();
    await tree.apply();
    endButForHelper(tree, 101);
    const undone = await tree.undo();
    expect(undone).toMatchObject({ state: 'done' });
    expect(undone.steps.filter(({ record }) => record.kind === 'partition')).toHaveLength(2);
    expect(tree.host.read(ISOLATED)).toBe('\n');
  });

  it('leaves a partition that no placement of ours has asked for', async () => {
    const tree = makePartitionTree({ 'etc/pve/berth/policy.yaml': 'guests: { 101: { class: dedicated } }\n' });
    await tree.apply();
    tree.host.makeCgroup(vcpuCgroup(102));
    await tree.undo();
    expect(tree.host.read(`${vcpuCgroup(102)}/cgroup.type`)).toBe('domain\n');
  });

  it('puts back masks that the kernel widens while the last partition goes, and no others', async () => {
    const tree = makePartitionTree();
    await tree.apply();
    const widening: Host = {
      ...tree.host,
      removeCgroup: path => {
        tree.host.removeCgroup(path);
        tree.host.setThreadAffinity(KSWAPD, cpuSet([0, 1, 2, 3, 4, 5]));
        for (const thread of [IRQ_THREAD, BOUND_THREAD]) tree.host.setThreadAffinity(thread, cpuSet([1, 2, 5]));
      },
    };
    await tree.undo(null, { context: { host: widening, qm: null } });
    expect(tree.host.threadAffinity(KSWAPD)).toEqual(cpuSet([0, 1, 2, 3]));
    expect(tree.host.threadAffinity(IRQ_THREAD)).toEqual(cpuSet([1]));
    expect(tree.host.threadAffinity(BOUND_THREAD)).toEqual(cpuSet([1, 2, 5]));
  });

  it('leaves the mask of a kernel thread that somebody has moved', async () => {
    const tree = makePartitionTree();
    await tree.apply();
    tree.host.setThreadAffinity(KSWAPD, cpuSet([0, 6]));
    await tree.undo();
    expect(tree.host.threadAffinity(KSWAPD)).toEqual(cpuSet([0, 6]));
  });
});
