// A whole node read from a captured tree, and what it says when parts are missing.
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { makeTemporaryTree } from '#fixtures/temporary-tree.ts';
import { openHost } from './open-host.ts';
import { readInventory } from './read-inventory.ts';

const NODE = 'etc/pve/nodes/pve1';
const stat = `10 (kvm) ${Array.from({ length: 50 }, (_, index) => index + 3).join(' ')}\n`;
const VM_CONFIG = 'cores: 2\nmemory: 1024\nname: n\xfcrnberg\n';

const TREE = {
  'etc/hostname': 'pve1.example.com\n',
  'sys/devices/system/cpu/online': '0-1\n',
  'sys/devices/system/cpu/present': '0-1\n',
  'sys/fs/cgroup/cgroup.controllers': 'cpuset cpu\n',
  [`${NODE}/qemu-server/1000.conf`]: 'memory: 512\n',
  [`${NODE}/qemu-server/101.conf`]: VM_CONFIG,
  [`${NODE}/qemu-server/101.conf.tmp.42`]: 'half',
  [`${NODE}/qemu-server/notes.txt`]: 'x',
  [`${NODE}/lxc/200.conf`]: 'cores: 1\nmemory: 512\n',
  'etc/pve/nodes/pve2/qemu-server/300.conf': 'memory: 512\n',
  'run/qemu-server/101.pid': '10\n',
  'run/qemu-server/101.qmp.json': '{"query-cpus-fast": [{"cpu-index": 0, "thread-id": 10}], "query-iothreads": []}',
  'proc/10/cmdline': 'kvm\0-pidfile\0/run/qemu-server/101.pid\0',
  'proc/10/stat': stat,
  'proc/10/task/10/stat': stat,
  'proc/10/task/10/status': 'Cpus_allowed_list:\t0-1\n',
  'proc/10/numa_maps': '7f00 default anon=512 N0=512 kernelpagesize_kB=4\n',
  'sys/fs/cgroup/lxc/200/cpuset.cpus': '1\n',
  'sys/fs/cgroup/lxc/200/cpuset.cpus.effective': '1\n',
};

describe('readInventory()', () => {
  it('reads this node’s guests, in the order of their numbers', async () => {
    const inventory = await readInventory(openHost(makeTemporaryTree(TREE)));
    expect(inventory).toMatchObject({ node: 'pve1', simulated: true, placement: null });
    expect(inventory.topology.online).toEqual(cpuSet([0, 1]));
    expect(inventory.guests.map(({ vmid, kind }) => `${kind} ${vmid}`)).toEqual(['vm 101', 'container 200', 'vm 1000']);
    expect(inventory.guests[0]).toMatchObject({
      configPath: `/${NODE}/qemu-server/101.conf`,
      digest: createHash('sha1').update(Buffer.from(VM_CONFIG, 'latin1')).digest('hex'),
      runtime: { pid: 10, residentMiB: null, threads: [{ tid: 10, role: { kind: 'vcpu', index: 0 } }] },
    });
    expect(inventory.guests[1]).toMatchObject({ runtime: { cpuset: cpuSet([1]), effective: cpuSet([1]) } });
    expect(inventory.guests[2]).toMatchObject({ runtime: null });
  });

  it('reads resident memory when asked', async () => {
    const inventory = await readInventory(openHost(makeTemporaryTree(TREE)), { residentMemory: true });
    expect(inventory.guests[0]?.runtime).toMatchObject({ residentMiB: new Map([[0, 2]]) });
  });

  it("takes resident memory from the VM's own cgroup, and from no other", async () => {
    const stat = 'anon N0=0 N1=5242880\nfile N0=999999999\nshmem N0=1048576 N1=0\n';
    const read = async (cgroup: string) => {
      const files = { 'proc/10/cgroup': `0::${cgroup}\n`, [`sys/fs/cgroup${cgroup}/memory.numa_stat`]: stat };
      const inventory = await readInventory(openHost(makeTemporaryTree({ ...TREE, ...files })), {
        residentMemory: true,
      });
      const { runtime } = inventory.guests[0] ?? {};
      return runtime && 'residentMiB' in runtime ? Object.fromEntries(runtime.residentMiB ?? []) : null;
    };
    expect(await read('/qemu.slice/101.scope')).toEqual({ 0: 1, 1: 5 });
    expect(await read('/qemu.slice/102.scope')).toEqual({ 0: 2 });
    expect(await read('/user.slice')).toEqual({ 0: 2 });
  });

  it('does not take a VM for stopped whose QEMU says nothing', async () => {
    const root = makeTemporaryTree(TREE);
    rmSync(`${root}/run/qemu-server/101.qmp.json`);
    const { guests, unknown } = await readInventory(openHost(root));
    expect(guests).toHaveLength(3);
    expect(guests[0]?.runtime).toMatchObject({ pid: 10, threads: [], unreadable: expect.stringContaining('101.qmp') });
    expect(unknown).toContainEqual({
      path: '/run/qemu-server/101.qmp',
      reason: expect.stringContaining('the captured tree has no'),
    });
  });

  it('knows no guests without Proxmox, and says so', async () => {
    const root = makeTemporaryTree(TREE);
    rmSync(`${root}/etc/pve`, { recursive: true });
    const { guests, unknown } = await readInventory(openHost(root));
    expect(guests).toEqual([]);
    expect(unknown).toContainEqual(expect.objectContaining({ path: '/etc/pve' }));
  });

  it('says that containers’ CPUs are not known under cgroup version 1', async () => {
    const root = makeTemporaryTree(TREE);
    rmSync(`${root}/sys/fs/cgroup`, { recursive: true });
    const { guests, unknown } = await readInventory(openHost(root));
    expect(guests[1]?.runtime).toBeNull();
    expect(unknown).toContainEqual(expect.objectContaining({ path: '/sys/fs/cgroup' }));
  });

  it('passes on what Proxmox ignores in a config', async () => {
    const root = makeTemporaryTree({ ...TREE, [`${NODE}/qemu-server/101.conf`]: 'cores: 2\naffinity0: 3\n' });
    const { unknown } = await readInventory(openHost(root));
    expect(unknown).toContainEqual({
      path: `/${NODE}/qemu-server/101.conf`,
      reason: expect.stringContaining('affinity0'),
    });
  });

  it('rejects a pid file that holds no pid', async () => {
    const root = makeTemporaryTree({ ...TREE, 'run/qemu-server/101.pid': 'kvm' });
    await expect(readInventory(openHost(root))).rejects.toThrow('Cannot parse /run/qemu-server/101.pid');
  });

  it('rejects a node that the cluster does not know', async () => {
    const root = makeTemporaryTree({ ...TREE, 'etc/hostname': 'pve9\n' });
    await expect(readInventory(openHost(root))).rejects.toThrow('which has pve1, pve2');
  });
});
