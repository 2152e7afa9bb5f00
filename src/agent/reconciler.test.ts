// Passes of the agent over the demo host, after its plan was applied.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type BerthTree, makeBerthTree } from '#fixtures/berth-tree.ts';
import { lockFile } from '#host/lock.ts';
import { makeReconciler, type Pass, type Reconciler } from './reconciler.ts';

let tree: BerthTree;
let agent: Reconciler;

beforeEach(async () => {
  tree = makeBerthTree();
  await tree.apply();
  agent = makeReconciler(tree.host, 'pve1');
});

/** The first thread of a VM whose role passes, as the tree has it. */
function statusPath(pid: number, tid: number): string {
  return `/proc/${pid}/task/${tid}/status`;
}

/** A stranger lets the thread run everywhere. */
function widen(pid: number, tid: number): void {
  tree.edit(statusPath(pid, tid), /^Cpus_allowed_list:\t.*$/m, 'Cpus_allowed_list:\t0-31');
}

const vmids = ({ repaired }: Pass): ReadonlyArray<number | null> => repaired.map(({ vmid }) => vmid);

async function vcpuThreads(vmid: number): Promise<{ pid: number; tids: readonly number[] }> {
  const pid = Number(tree.host.read(`/run/qemu-server/${vmid}.pid`));
  const { vcpus } = await tree.host.queryVmThreads(vmid as never);
  return { pid, tids: vcpus.map(({ tid }) => tid) };
}

describe('a pass of the agent', () => {
  it('finds nothing to do right after an apply', async () => {
    const pass = await agent.runPass();
    expect(pass.repaired).toEqual([]);
    expect(pass.problems.size).toBe(0);
    expect(pass.running).toBeGreaterThan(3);
  });

  it('puts a widened thread back and nothing else', async () => {
    const before = tree.files();
    const { pid, tids } = await vcpuThreads(101);
    widen(pid, tids[1] ?? 0);
    const pass = await agent.runPass();
    expect(
      pass.repaired.map(repair => [repair.vmid, repair.kind === 'threads' && repair.threads.map(r => r.thread.tid)]),
    ).toEqual([[101, [tids[1]]]]);
    expect(tree.files()).toEqual(before);
    expect(vmids(await agent.runPass())).toEqual([]);
  });

  it('leaves everything to an apply that is under way', async () => {
    const { pid, tids } = await vcpuThreads(101);
    widen(pid, tids[0] ?? 0);
    const lock = lockFile(tree.host, '/run/berth/lock');
    expect(vmids(await agent.runPass())).toEqual([]);
    lock.release();
    expect(vmids(await agent.runPass())).toEqual([101]);
  });

  it('does nothing once the placement was taken back', async () => {
    await agent.runPass();
    await tree.undo();
    expect(vmids(await agent.runPass())).toEqual([]);
  });

  it('goes on with the others when one VM does not say which thread is which', async () => {
    const silent = await vcpuThreads(104);
    const broken = await vcpuThreads(101);
    rmSync(join(tree.root, 'run/qemu-server/104.qmp.json'));
    widen(broken.pid, broken.tids[0] ?? 0);
    widen(silent.pid, silent.tids[0] ?? 0);
    const pass = await agent.runPass();
    expect(vmids(pass)).toEqual([101]);
    expect([...pass.problems]).toEqual([[104, expect.stringContaining('104.qmp.json')]]);
  });

  it('asks a VM for its threads only when they have changed', async () => {
    await agent.runPass();
    rmSync(join(tree.root, 'run/qemu-server/101.qmp.json'));
    const { pid } = { pid: Number(tree.host.read('/run/qemu-server/101.pid')) };
    widen(pid, pid);
    const pass = await agent.runPass();
    expect(pass.problems.size).toBe(0);
    expect(vmids(pass)).toEqual([101]);
  });

  describe('looks after containers', () => {
    const cpuset = (vmid: number) => `/sys/fs/cgroup/lxc/${vmid}/cpuset.cpus`;
    const cpusOf = (vmid: number) => tree.host.read(`${cpuset(vmid)}.effective`)?.trim();

    it('puts one back that somebody let onto the CPUs of others', async () => {
      const before = cpusOf(200);
      tree.host.writeKernelFile(cpuset(200), '0-31');
      const pass = await agent.runPass();
      expect(pass.repaired.map(({ kind, vmid }) => [kind, vmid])).toEqual([['container', 200]]);
      expect(cpusOf(200)).toBe(before);
    });

    it('leaves one alone that Proxmox moved among the CPUs that are left', async () => {
      const free = cpusOf(203) ?? '';
      tree.host.writeKernelFile(cpuset(200), free);
      expect((await agent.runPass()).repaired).toEqual([]);
    });
  });

  it('takes a VM that has ended for that', async () => {
    rmSync(join(tree.root, 'run/qemu-server/101.pid'));
    expect((await agent.runPass()).problems.size).toBe(0);
  });
});
