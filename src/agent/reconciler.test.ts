// Passes of the agent over the demo host, after its plan was applied.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { encodeIdList, parseCpuList } from '#domain/id-list.ts';
import { cpuSet } from '#domain/id-set.ts';
import { type BerthTree, makeBerthTree } from '#fixtures/berth-tree.ts';
import { lockFile } from '#host/lock.ts';
import { makeReconciler, type Pass, type Reconciler } from './reconciler.ts';

const PLACEMENT = '/etc/pve/berth/nodes/pve1/placement.json';

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

  it('leaves a VM alone that is being measured', async () => {
    const { pid, tids } = await vcpuThreads(101);
    widen(pid, tids[0] ?? 0);
    const startTime = tree.host
      .read(`/proc/${pid}/stat`)
      ?.replace(/^.*\) /, '')
      .split(' ')[19];
    tree.host.replaceFile('/run/berth/bench', `101 ${pid} ${startTime}\n`);
    expect(vmids(await agent.runPass())).toEqual([]);
    tree.host.replaceFile('/run/berth/bench', null);
    expect(vmids(await agent.runPass())).toEqual([101]);
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

  it('says what is wrong with a placement that it cannot read, touches nobody, and goes on when it can', async () => {
    const { pid, tids } = await vcpuThreads(101);
    widen(pid, tids[0] ?? 0);
    tree.edit(PLACEMENT, '"berth/placement/1"', '"berth/placement/2"');
    const pass = await agent.runPass();
    expect(pass.repaired).toEqual([]);
    expect([...pass.problems]).toEqual([[null, expect.stringContaining(`${PLACEMENT}: schema: `)]]);
    tree.edit(PLACEMENT, '"berth/placement/2"', '"berth/placement/1"');
    expect(vmids(await agent.runPass())).toEqual([101]);
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

  describe('looks after helpers and copies', () => {
    const SCOPE = '/sys/fs/cgroup/qemu.slice/104.scope/cgroup.procs';
    const STATUS = '/proc/900/task/900/status';
    const maskIn = (path: string) => /^Cpus_allowed_list:\t(.*)$/m.exec(tree.host.read(path) ?? '')?.[1];
    /** 104 has CPUs of its own for its emulator threads. */
    const emulator = async () => {
      const placed = (await tree.state()).inventory.placement?.guests.find(({ vmid }) => vmid === 104);
      return encodeIdList(placed?.emulator ?? cpuSet());
    };

    async function startHelper(): Promise<void> {
      const { pid } = await vcpuThreads(104);
      const stat = (tree.host.read(`/proc/${pid}/stat`) ?? '').replace(/^\d+ \(.*\)/, '900 (swtpm)');
      const files = {
        '/proc/900/stat': stat,
        '/proc/900/task/900/stat': stat,
        [STATUS]: 'Name:\tswtpm\nCpus_allowed_list:\t0-31\n',
        [SCOPE]: `${pid}\n900\n`,
      };
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(tree.root, path)), { recursive: true });
        writeFileSync(join(tree.root, path), text);
      }
    }

    it('puts a helper onto the CPUs of the emulator threads, once', async () => {
      await startHelper();
      const pass = await agent.runPass();
      expect(pass.repaired).toMatchObject([{ kind: 'threads', vmid: 104, pid: 900 }]);
      expect(maskIn(STATUS)).toBe(await emulator());
      expect((await agent.runPass()).repaired).toEqual([]);
    });

    it('finds the helper in the plan and in verify, too', async () => {
      await startHelper();
      expect((await tree.plan()).changes).toMatchObject([{ kind: 'threads', vmid: 104, pid: 900 }]);
      const about = (await tree.verify()).findings.filter(({ severity }) => severity === 'error');
      expect(about).toMatchObject([{ code: 'thread-mask', vmid: 104, thread: 'emulator thread "swtpm"' }]);
      await tree.apply();
      expect(maskIn(STATUS)).toBe(await emulator());
      await tree.undo();
      expect(maskIn(STATUS)).toBe('0-31');
    });

    it('gives emulator threads the CPUs of the host while the guest is backed up, and takes them back', async () => {
      const { pid } = await vcpuThreads(104);
      const status = statusPath(pid, pid);
      const before = maskIn(status);
      const config = '/etc/pve/nodes/pve1/qemu-server/104.conf';
      const text = tree.host.read(config) ?? '';
      tree.host.replaceFile(config, text.replace(/^(?=\[|$(?![\s\S]))/m, 'lock: backup\n'));
      expect(vmids(await agent.runPass())).toEqual([104]);
      const widened = parseCpuList(maskIn(status) ?? '');
      expect(widened.isSubsetOf(parseCpuList(before ?? ''))).toBe(false);
      expect((await tree.plan()).changes).toEqual([]);
      expect((await tree.verify()).findings.filter(({ severity }) => severity === 'error')).toEqual([]);
      tree.host.replaceFile(config, text);
      expect(vmids(await agent.runPass())).toEqual([104]);
      expect(maskIn(status)).toBe(before);
    });
  });

  it('takes a VM that has ended for that', async () => {
    rmSync(join(tree.root, 'run/qemu-server/101.pid'));
    expect((await agent.runPass()).problems.size).toBe(0);
  });
});
