// Partitions on a simulated kernel: made in the safe order, refused with the kernel's word, taken back to the last file.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { vmId } from '#domain/ids.ts';
import { makeTemporaryTree } from '#fixtures/temporary-tree.ts';
import type { Host } from './host.ts';
import { HostError } from './host-error.ts';
import { openHost } from './open-host.ts';
import {
  cgroupsWithoutCpuset,
  enterPartition,
  isInForce,
  leavePartition,
  listPartitions,
  readPartition,
  releaseExclusive,
} from './partition.ts';

const CGROUP = '/sys/fs/cgroup';
const SLICE = `${CGROUP}/qemu.slice`;
const VM = { vmid: vmId(100), cpus: cpuSet([4, 5]), tids: [1001, 1002] };
const OTHER = { vmid: vmId(101), cpus: cpuSet([6]), tids: [2001] };

function makeHost(more: Readonly<Record<string, string>> = {}): Host {
  const scope = (vmid: number, tids: string) => ({
    [`${SLICE}/${vmid}.scope/cgroup.type`.slice(1)]: 'domain\n',
    [`${SLICE}/${vmid}.scope/cgroup.subtree_control`.slice(1)]: '\n',
    [`${SLICE}/${vmid}.scope/cgroup.threads`.slice(1)]: tids,
  });
  return openHost(
    makeTemporaryTree({
      'sys/devices/system/cpu/online': '0-7\n',
      'sys/fs/cgroup/cgroup.subtree_control': 'cpuset\n',
      'sys/fs/cgroup/cpuset.cpus.effective': '0-7\n',
      'sys/fs/cgroup/cpuset.cpus.isolated': '\n',
      'sys/fs/cgroup/qemu.slice/cgroup.type': 'domain\n',
      'sys/fs/cgroup/qemu.slice/cgroup.subtree_control': '\n',
      'sys/fs/cgroup/qemu.slice/cpuset.cpus': '\n',
      'sys/fs/cgroup/qemu.slice/cpuset.cpus.exclusive': '\n',
      'sys/fs/cgroup/qemu.slice/cpuset.cpus.partition': 'member\n',
      'sys/fs/cgroup/lxc/cpuset.cpus.effective': '0-7\n',
      'sys/fs/cgroup/lxc/200/cpuset.cpus': '3-4\n',
      'sys/fs/cgroup/lxc/200/cpuset.cpus.effective': '3-4\n',
      ...scope(100, '1000\n1001\n1002\n1003\n'),
      ...scope(101, '2000\n2001\n'),
      ...more,
    }),
  );
}

/** Every file below the root, with its text. */
function filesOf({ root }: Host): ReadonlyMap<string, string> {
  const names = readdirSync(root, { recursive: true }).map(String).sort();
  return new Map(
    names.flatMap(name =>
      statSync(join(root, name)).isFile() ? [[name, readFileSync(join(root, name), 'latin1')]] : [],
    ),
  );
}

const line = (host: Host, path: string) => host.read(`${CGROUP}/${path}`)?.trim();

describe('enterPartition()', () => {
  it('takes the CPUs from everybody else and moves the vCPU threads alone', () => {
    const host = makeHost();
    enterPartition(host, VM);
    expect(isInForce(readPartition(host, VM.vmid), VM)).toBe(true);
    expect(line(host, 'cpuset.cpus.isolated')).toBe('4-5');
    expect(line(host, 'cpuset.cpus.effective')).toBe('0-3,6-7');
    expect(line(host, 'lxc/200/cpuset.cpus.effective')).toBe('3');
    expect(line(host, 'qemu.slice/100.scope/cgroup.threads')).toBe('1000\n1003');
    expect(line(host, 'qemu.slice/100.scope/cgroup.type')).toBe('domain threaded');
  });

  it('leaves the guard that keeps systemd from switching the controller off', () => {
    const host = makeHost();
    enterPartition(host, VM);
    expect(() => host.writeKernelFile(`${SLICE}/100.scope/cgroup.subtree_control`, '-cpuset')).toThrow('depends on it');
  });

  it('lets two guests have theirs side by side', () => {
    const host = makeHost();
    enterPartition(host, VM);
    enterPartition(host, OTHER);
    expect(line(host, 'cpuset.cpus.isolated')).toBe('4-6');
    expect(line(host, 'qemu.slice/cpuset.cpus.exclusive')).toBe('4-6');
    expect(listPartitions(host)).toEqual([100, 101]);
  });

  it('changes nothing when all is there already', () => {
    const host = makeHost();
    enterPartition(host, VM);
    const before = filesOf(host);
    enterPartition({ ...host, writeKernelFile: () => expect.unreachable() }, VM);
    expect(filesOf(host)).toEqual(before);
  });

  it('moves a vCPU that was plugged in, and a worker that a vCPU has started, to where they belong', () => {
    const host = makeHost();
    enterPartition(host, VM);
    host.writeKernelFile(`${SLICE}/100.scope/vcpu/cgroup.threads`, '1009');
    enterPartition(host, { ...VM, tids: [1001, 1002, 1003] });
    expect(line(host, 'qemu.slice/100.scope/vcpu/cgroup.threads')).toBe('1001\n1002\n1003');
    expect(line(host, 'qemu.slice/100.scope/cgroup.threads')).toBe('1000\n1009');
  });

  it('leaves everything as it was when another guest holds one of the CPUs', () => {
    const host = makeHost();
    enterPartition(host, OTHER);
    const before = filesOf(host);
    expect(() => enterPartition(host, { ...VM, cpus: cpuSet([5, 6]) })).toThrow('invalid argument');
    expect(filesOf(host)).toEqual(before);
  });

  it('leaves everything as it was when the kernel grants no partition, and says its word', () => {
    const host = makeHost();
    const before = filesOf(host);
    const grudging: Host = {
      ...host,
      read: path => {
        const word = host.read(path);
        return word === 'isolated\n' ? 'isolated invalid (Cpu list in cpuset.cpus not exclusive)\n' : word;
      },
    };
    expect(() => enterPartition(grudging, VM)).toThrow(
      'no partition of CPUs 4-5: it says "isolated invalid (Cpu list in cpuset.cpus not exclusive)"',
    );
    expect(filesOf(host)).toEqual(before);
  });

  it('says so when Proxmox did not start the VM', () => {
    const host = makeHost();
    expect(() => enterPartition(host, { ...VM, vmid: vmId(102) })).toThrow('it was not started by Proxmox');
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])('goes on from where it was killed after write %i', writes => {
    const host = makeHost();
    let left = writes;
    const killed = new Error('killed');
    const dying =
      <Args extends unknown[]>(act: (...args: Args) => void) =>
      (...args: Args) => {
        if (left-- <= 0) throw killed;
        act(...args);
      };
    try {
      enterPartition({ ...host, writeKernelFile: dying(host.writeKernelFile), makeCgroup: dying(host.makeCgroup) }, VM);
    } catch (error) {
      expect(error).toBe(killed);
    }
    enterPartition(host, VM);
    expect(isInForce(readPartition(host, VM.vmid), VM)).toBe(true);
  });
});

describe('enterPartition() into one that is in force', () => {
  it('stays in it when a thread to be brought in has ended', () => {
    const host = makeHost();
    enterPartition(host, VM);
    const gone = new HostError('gone', 'no such process');
    const write = (path: string, text: string) => {
      if (text === '1009') throw gone;
      host.writeKernelFile(path, text);
    };
    enterPartition({ ...host, writeKernelFile: write }, { ...VM, tids: [...VM.tids, 1009] });
    expect(isInForce(readPartition(host, VM.vmid), VM)).toBe(true);
  });

  it('stays in it when something fails', () => {
    const host = makeHost();
    enterPartition(host, VM);
    const refuse = () => {
      throw new HostError('refused', 'no');
    };
    expect(() => enterPartition({ ...host, writeKernelFile: refuse }, { ...VM, tids: [1001, 1002, 1003] })).toThrow(
      'no',
    );
    expect(isInForce(readPartition(host, VM.vmid), VM)).toBe(true);
  });
});

describe('leavePartition()', () => {
  it('brings out a worker that is born at the last moment', () => {
    const host = makeHost();
    enterPartition(host, VM);
    let births = 2;
    const remove = (path: string) => {
      if (births-- > 0) throw new HostError('busy', 'resource busy');
      host.removeCgroup(path);
    };
    leavePartition({ ...host, removeCgroup: remove }, VM.vmid, []);
    expect(readPartition(host, VM.vmid)).toBeNull();
  });

  it('goes on from where it was killed after the removal', () => {
    const host = makeHost();
    const before = filesOf(host);
    enterPartition(host, VM);
    const die = () => {
      throw new Error('killed');
    };
    const dying = (path: string, text: string) => (text === '\n' ? die() : host.writeKernelFile(path, text));
    expect(() => leavePartition({ ...host, writeKernelFile: dying }, VM.vmid, [])).toThrow('killed');
    leavePartition(host, VM.vmid, [SLICE]);
    expect(filesOf(host)).toEqual(before);
  });

  it('puts every file back', () => {
    const host = makeHost();
    const before = filesOf(host);
    const enabled = cgroupsWithoutCpuset(host);
    enterPartition(host, VM);
    expect(enabled).toEqual([SLICE]);
    leavePartition(host, VM.vmid, enabled);
    expect(filesOf(host)).toEqual(before);
    expect(readPartition(host, VM.vmid)).toBeNull();
  });

  it("leaves another guest's partition and what it needs", () => {
    const host = makeHost();
    const enabled = cgroupsWithoutCpuset(host);
    enterPartition(host, VM);
    enterPartition(host, OTHER);
    leavePartition(host, VM.vmid, enabled);
    expect(isInForce(readPartition(host, OTHER.vmid), OTHER)).toBe(true);
    expect(line(host, 'qemu.slice/cpuset.cpus.exclusive')).toBe('6');
    expect(line(host, 'lxc/200/cpuset.cpus.effective')).toBe('3-4');
  });

  it('does nothing where there is none', () => {
    const host = makeHost();
    const before = filesOf(host);
    leavePartition(host, VM.vmid, []);
    expect(filesOf(host)).toEqual(before);
  });
});

describe('releaseExclusive()', () => {
  it('takes out the CPUs of a guest whose scope is gone', () => {
    const host = makeHost({ 'sys/fs/cgroup/qemu.slice/cpuset.cpus.exclusive': '4-6\n' });
    enterPartition(host, OTHER);
    releaseExclusive(host);
    expect(line(host, 'qemu.slice/cpuset.cpus.exclusive')).toBe('6');
  });

  it('leaves a slice alone that somebody has made a partition of its own', () => {
    const host = makeHost({
      'sys/fs/cgroup/qemu.slice/cpuset.cpus.exclusive': '4-6\n',
      'sys/fs/cgroup/qemu.slice/cpuset.cpus.partition': 'root\n',
    });
    releaseExclusive(host);
    expect(line(host, 'qemu.slice/cpuset.cpus.exclusive')).toBe('4-6');
  });
});

describe('listPartitions()', () => {
  it.each([1, 2, 3, 4, 5])('knows one whose removal was killed after write %i', writes => {
    const host = makeHost();
    enterPartition(host, VM);
    let left = writes;
    const dying =
      <Args extends unknown[]>(act: (...args: Args) => void) =>
      (...args: Args) => {
        if (left-- <= 0) throw new Error('killed');
        act(...args);
      };
    const killed = { ...host, writeKernelFile: dying(host.writeKernelFile), removeCgroup: dying(host.removeCgroup) };
    expect(() => leavePartition(killed, VM.vmid, [])).toThrow('killed');
    expect(listPartitions(host)).toEqual([100]);
    leavePartition(host, VM.vmid, []);
    expect(listPartitions(host)).toEqual([]);
    expect(line(host, 'qemu.slice/cpuset.cpus.exclusive')).toBe('');
  });
});
