// The simulated kernel does and refuses what the real one does and refuses.
import { describe, expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { makeTemporaryTree } from '#fixtures/temporary-tree.ts';
import { openHost } from './open-host.ts';

const STATUS = '/proc/7/task/8/status';
const thread = { pid: 7, tid: 8 };

function makeHost() {
  return openHost(
    makeTemporaryTree({
      'sys/devices/system/cpu/online': '0-39\n',
      [STATUS]: 'Name:\tkvm\nCpus_allowed:\tff,ffffffff\nCpus_allowed_list:\t0-39\nMems_allowed:\t1\n',
      'sys/fs/cgroup/cpuset.cpus.effective': '0-39\n',
      'sys/fs/cgroup/lxc/cpuset.cpus': '0-31\n',
      'sys/fs/cgroup/lxc/cpuset.cpus.effective': '0-31\n',
      'sys/fs/cgroup/lxc/200/cpuset.cpus': '\n',
      'sys/fs/cgroup/lxc/200/cpuset.cpus.effective': '0-31\n',
    }),
  );
}

describe('threadAffinity() on a captured tree', () => {
  it('is what was set, online CPUs only', () => {
    const host = makeHost();
    expect(host.threadAffinity(thread)).toEqual(cpuSet(Array.from({ length: 40 }, (_, cpu) => cpu)));
    host.setThreadAffinity(thread, cpuSet([1, 32]));
    expect(host.threadAffinity(thread)).toEqual(cpuSet([1, 32]));
    host.replaceFile('/sys/devices/system/cpu/online', '0-31\n');
    expect(host.threadAffinity(thread)).toEqual(cpuSet([1]));
  });

  it('is null for a thread that has ended', () => {
    expect(makeHost().threadAffinity({ pid: 7, tid: 9 })).toBeNull();
  });
});

describe('setThreadAffinity() on a captured tree', () => {
  it('changes mask and list, and nothing else', () => {
    const host = makeHost();
    host.setThreadAffinity(thread, cpuSet([1, 32]));
    expect(host.read(STATUS)).toBe(
      'Name:\tkvm\nCpus_allowed:\t00000001,00000002\nCpus_allowed_list:\t1,32\nMems_allowed:\t1\n',
    );
  });

  it('leaves out CPUs that are not online, as the kernel does', () => {
    const host = makeHost();
    host.setThreadAffinity(thread, cpuSet([39, 40]));
    expect(host.read(STATUS)).toContain('Cpus_allowed_list:\t39\n');
  });

  it.each([
    ['no CPU', []],
    ['only CPUs that are not online', [40]],
  ])('refuses %s', (_, cpus) => {
    const host = makeHost();
    expect(() => host.setThreadAffinity(thread, cpuSet(cpus))).toThrow(expect.objectContaining({ reason: 'refused' }));
    expect(host.read(STATUS)).toContain('Cpus_allowed_list:\t0-39\n');
  });

  it('says when the thread is gone', () => {
    const pin = () => makeHost().setThreadAffinity({ pid: 7, tid: 9 }, cpuSet([1]));
    expect(pin).toThrow(expect.objectContaining({ reason: 'gone' }));
  });
});

describe('writeKernelFile() on a captured tree', () => {
  it.each([
    ['own CPUs', '2-5', '2-5\n'],
    ['only those that the parent has', '30-35', '30-31\n'],
    ['the parent’s when none is left', '35', '0-31\n'],
    ['the parent’s when it never had its own', '', '0-31\n'],
  ])('makes effective: %s', (_, text, effective) => {
    const host = makeHost();
    host.writeKernelFile('/sys/fs/cgroup/lxc/200/cpuset.cpus', text);
    expect(host.read('/sys/fs/cgroup/lxc/200/cpuset.cpus')).toBe(`${text}\n`);
    expect(host.read('/sys/fs/cgroup/lxc/200/cpuset.cpus.effective')).toBe(effective);
  });

  it('refuses to empty the set of a running container, as the kernel does', () => {
    const host = makeHost();
    const path = '/sys/fs/cgroup/lxc/200/cpuset.cpus';
    host.writeKernelFile(path, '2-5');
    expect(() => host.writeKernelFile(path, '')).toThrow(expect.objectContaining({ reason: 'refused' }));
    expect(host.read(path)).toBe('2-5\n');
  });

  it('refuses a list that the kernel would refuse', () => {
    const host = makeHost();
    expect(() => host.writeKernelFile('/sys/fs/cgroup/lxc/200/cpuset.cpus', '5-2')).toThrow('range start 5');
    expect(host.read('/sys/fs/cgroup/lxc/200/cpuset.cpus')).toBe('\n');
  });
});
