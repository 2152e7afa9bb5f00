// A running VM read from a captured tree, and VMs that stop while they are read.
import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { vmId } from '#domain/ids.ts';
import { makeTemporaryTree } from '#fixtures/temporary-tree.ts';
import type { Host } from './host.ts';
import { openHost } from './open-host.ts';
import { readResidentMiB, readVmRuntime } from './read-vm-runtime.ts';

const statOf = (name: string) => `1 (${name}) ${Array.from({ length: 50 }, (_, index) => index + 3).join(' ')}\n`;
const statusOf = (cpus: string) => `Name:\tkvm\nCpus_allowed_list:\t${cpus}\n`;

/** VM 100 with a main thread, an iothread whose name says nothing, and two vCPUs whose names lie. */
const RUNNING = {
  'run/qemu-server/100.pid': '10\n',
  'run/qemu-server/100.qmp.json': JSON.stringify({
    'query-cpus-fast': [
      { 'cpu-index': 0, 'thread-id': 13 },
      { 'cpu-index': 1, 'thread-id': 9 },
    ],
    'query-iothreads': [{ id: 'iothread0', 'thread-id': 11 }],
  }),
  'proc/10/cmdline': 'kvm\0-pidfile\0/run/qemu-server/100.pid\0',
  'proc/10/stat': statOf('kvm'),
  'proc/10/task/10/stat': statOf('kvm'),
  'proc/10/task/10/status': statusOf('0-3'),
  'proc/10/task/11/stat': statOf('kvm'),
  'proc/10/task/11/status': statusOf('0'),
  'proc/10/task/13/stat': statOf('CPU 1/KVM'),
  'proc/10/task/13/status': statusOf('2'),
  'proc/10/task/9/stat': statOf('CPU 0/KVM'),
  'proc/10/task/9/status': statusOf('3'),
};

const runtimeIn = (root: string) => readVmRuntime(openHost(root), vmId(100));

describe('readVmRuntime()', () => {
  it('gives threads the roles that QEMU gives them, whatever their names', async () => {
    const runtime = await runtimeIn(makeTemporaryTree(RUNNING));
    const lastCpu = 39;
    expect(runtime).toEqual({
      pid: 10,
      startTime: 22,
      residentMiB: null,
      cpusets: [],
      threads: [
        { tid: 9, role: { kind: 'vcpu', index: 1 }, name: 'CPU 0/KVM', allowed: cpuSet([3]), lastCpu },
        { tid: 10, role: { kind: 'emulator' }, name: 'kvm', allowed: cpuSet([0, 1, 2, 3]), lastCpu },
        { tid: 11, role: { kind: 'iothread', id: 'iothread0' }, name: 'kvm', allowed: cpuSet([0]), lastCpu },
        { tid: 13, role: { kind: 'vcpu', index: 0 }, name: 'CPU 1/KVM', allowed: cpuSet([2]), lastCpu },
      ],
    });
  });

  it('reads what each cgroup above it leaves of the CPUs', async () => {
    const root = makeTemporaryTree({
      ...RUNNING,
      'proc/10/cgroup': '0::/qemu.slice/100.scope\n',
      'sys/fs/cgroup/cpuset.cpus.effective': '0-3\n',
      'sys/fs/cgroup/qemu.slice/cpuset.cpus.effective': '0-1\n',
      'sys/fs/cgroup/system.slice/cpuset.cpus.effective': '3\n',
    });
    expect((await runtimeIn(root))?.cpusets).toEqual([
      { cgroup: '', effective: cpuSet([0, 1, 2, 3]) },
      { cgroup: 'qemu.slice', effective: cpuSet([0, 1]) },
    ]);
  });

  it('leaves out a thread that ends meanwhile', async () => {
    const root = makeTemporaryTree(RUNNING);
    rmSync(`${root}/proc/10/task/11/status`);
    expect((await runtimeIn(root))?.threads.map(({ tid }) => tid)).toEqual([9, 10, 13]);
  });

  it('finds nothing when the VM is stopped', async () => {
    expect(await runtimeIn(makeTemporaryTree())).toBeNull();
  });

  /** A host on which something happens at the moment when QEMU is asked. */
  function hostWhere(happens: (root: string) => void): Host {
    const root = makeTemporaryTree(RUNNING);
    const host = openHost(root);
    return {
      ...host,
      queryVmThreads: vmid => {
        happens(root);
        return host.queryVmThreads(vmid);
      },
    };
  }

  it('finds nothing when the VM stops while it is asked', async () => {
    const host = hostWhere(root => rmSync(`${root}/proc/10`, { recursive: true }));
    expect(await readVmRuntime(host, vmId(100))).toBeNull();
  });

  it('finds nothing when the VM stops and takes its socket with it', async () => {
    const host = hostWhere(root => {
      rmSync(`${root}/proc/10`, { recursive: true });
      rmSync(`${root}/run`, { recursive: true });
    });
    expect(await readVmRuntime(host, vmId(100))).toBeNull();
  });

  it('finds nothing when another process has got the pid', async () => {
    const host = hostWhere(root => {
      openHost(root).replaceFile('/proc/10/stat', statOf('sh').replace(' 22 ', ' 99 '));
    });
    expect(await readVmRuntime(host, vmId(100))).toBeNull();
  });

  it('throws when a running VM’s QEMU says nothing', async () => {
    const root = makeTemporaryTree(RUNNING);
    rmSync(`${root}/run/qemu-server/100.qmp.json`);
    await expect(runtimeIn(root)).rejects.toMatchObject({ name: 'HostError', reason: 'missing' });
  });

  it.each([
    ['garbage', 'hello'],
    ['null', 'null'],
    ['no list of vCPUs', '{"query-iothreads": []}'],
  ])('throws for recorded answers with %s, naming the file', async (_, text) => {
    const root = makeTemporaryTree({ ...RUNNING, 'run/qemu-server/100.qmp.json': text });
    await expect(runtimeIn(root)).rejects.toThrow('/run/qemu-server/100.qmp.json');
  });

  it('names the file of a thread that means nothing', async () => {
    const root = makeTemporaryTree({ ...RUNNING, 'proc/10/task/11/status': 'Name:\tkvm\n' });
    await expect(runtimeIn(root)).rejects.toThrow('/proc/10/task/11/status: Cannot parse process status');
  });
});

describe('readResidentMiB()', () => {
  it('reads memory by node', () => {
    const root = makeTemporaryTree({ 'proc/10/numa_maps': '7f00 default anon=512 N1=512 kernelpagesize_kB=4\n' });
    expect(readResidentMiB(openHost(root), 10)).toEqual(new Map([[1, 2]]));
  });

  it('knows nothing of a process that is gone', () => {
    expect(readResidentMiB(openHost(makeTemporaryTree()), 10)).toBeNull();
  });

  it('knows nothing of a process that it may not look into', () => {
    const host = openHost(makeTemporaryTree({ 'proc/10/numa_maps/file': '' }));
    expect(readResidentMiB(host, 10)).toBeNull();
  });
});
