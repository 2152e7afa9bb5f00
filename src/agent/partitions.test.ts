// What the agent does about partitions on the demo host: made, kept, left, and not touched when it is in doubt.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { parseCpuList } from '#domain/id-list.ts';
import { cpuSet } from '#domain/id-set.ts';
import { cpuId } from '#domain/ids.ts';
import { addThread, type BerthTree, configPath } from '#fixtures/berth-tree.ts';
import { endButForHelper, KSWAPD, makePartitionTree, scopeOf } from '#fixtures/partition-tree.ts';
import { makeReconciler, type Reconciler } from './reconciler.ts';

const ISOLATED = '/sys/fs/cgroup/cpuset.cpus.isolated';

let tree: BerthTree;
let agent: Reconciler;
const isolated = () => tree.host.read(ISOLATED)?.trim();
const kinds = async () => (await agent.runPass()).repaired.map(({ kind, vmid }) => `${kind} ${vmid}`);

beforeEach(async () => {
  tree = makePartitionTree();
  await tree.apply();
  agent = makeReconciler(tree.host, 'pve1');
});

describe('the agent', () => {
  it('makes a partition again that somebody took away', async () => {
    tree.host.writeKernelFile(`${scopeOf(101)}/vcpu/cpuset.cpus.partition`, 'member');
    expect(isolated()).toBe('9-12,25-28');
    expect(await kinds()).toEqual(['enter-partition 101']);
    expect(isolated()).toBe('1-4,9-12,17-20,25-28');
    expect(await kinds()).toEqual([]);
  });

  it('puts back the masks that this widens', async () => {
    tree.host.writeKernelFile(`${scopeOf(101)}/vcpu/cpuset.cpus.partition`, 'member');
    const widening = {
      ...tree.host,
      writeKernelFile: (path: string, text: string) => {
        tree.host.writeKernelFile(path, text);
        if (text === 'isolated') tree.host.setThreadAffinity(KSWAPD, cpuSet([0, 1, 2, 3, 4, 5]));
      },
    };
    agent = makeReconciler(widening, 'pve1');
    expect(await kinds()).toEqual(['enter-partition 101']);
    expect(tree.host.threadAffinity(KSWAPD)).toEqual(cpuSet([0, 1, 2, 3]));
  });

  it('leaves that of a guest that has ended, and which a helper keeps alive', async () => {
    endButForHelper(tree, 101);
    expect(await kinds()).toEqual(['leave-partition 101']);
    expect(isolated()).toBe('9-12,25-28');
  });

  it('keeps that of a guest whose config cannot be read, which may be another guest', async () => {
    const text = tree.host.read(configPath(101)) ?? '';
    rmSync(join(tree.root, configPath(101)));
    expect(await kinds()).toEqual([]);
    expect(isolated()).toBe('1-4,9-12,17-20,25-28');
    // Another guest under the same number has no partition.
    tree.host.replaceFile(configPath(101), text.replace(/uuid=[0-9a-f]{4}/, 'uuid=0000'));
    expect(await kinds()).toContain('leave-partition 101');
  });

  it('leaves a vCPU outside that the placement does not know', async () => {
    const tid = addThread(tree, 101);
    tree.host.writeKernelFile(`${scopeOf(101)}/cgroup.threads`, `${tid}`);
    tree.edit('/run/qemu-server/101.qmp.json', /"query-cpus-fast": \[/, text => {
      return `${text}${JSON.stringify({ 'thread-id': tid, 'cpu-index': 4, props: {}, target: 'x86_64' })},`;
    });
    expect(await kinds()).toEqual([]);
    expect(tree.host.read(`${scopeOf(101)}/vcpu/cgroup.threads`)).not.toContain(`${tid}`);
  });

  it('sees at once when a placement gives CPUs to another guest', async () => {
    expect(await kinds()).toEqual([]);
    tree.setPolicy('host: { isolation: partition }\nguests: { 104: { class: dedicated, smt: pairs } }\n');
    await tree.apply();
    expect(await kinds()).toEqual([]);
    expect(isolated()).toBe((tree.host.read(`${scopeOf(104)}/vcpu/cpuset.cpus`) ?? '').trim());
    const { pid } = { pid: Number(tree.host.read('/run/qemu-server/103.pid')) };
    tree.host.setThreadAffinity({ pid, tid: pid }, cpuSet([1, 2, 3, 4, 9, 10, 17, 18]));
    const pass = await agent.runPass();
    const free = [1, 2, 3, 4, 9, 10, 17, 18].filter(cpu => !parseCpuList(isolated() ?? '').has(cpuId(cpu)));
    expect(pass.repaired).toMatchObject([{ kind: 'threads', vmid: 103, threads: [{ after: cpuSet(free) }] }]);
  });
});
