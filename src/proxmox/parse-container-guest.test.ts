// Container configs → guests.
import { describe, expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { vmId } from '#domain/ids.ts';
import { parseContainerGuest } from './parse-container-guest.ts';

const parse = (text: string) =>
  parseContainerGuest({
    vmid: vmId(200),
    configPath: '/etc/pve/nodes/alpha/lxc/200.conf',
    digest: 'd'.repeat(40),
    text,
  });

describe('parseContainerGuest()', () => {
  it("gives an empty config Proxmox's defaults", () => {
    expect(parse('')).toEqual({
      guest: {
        kind: 'container',
        vmid: 200,
        name: null,
        tags: [],
        configPath: '/etc/pve/nodes/alpha/lxc/200.conf',
        digest: 'd'.repeat(40),
        text: '',
        raw: new Map(),
        pending: new Map(),
        identity: { uuid: null, vmgenid: null, createdAt: null },
        memoryMiB: 512,
        lock: null,
        template: false,
        cores: null,
        cpuset: null,
      },
      warnings: [],
    });
  });

  it('reads a whole container', () => {
    const { guest, warnings } = parse(
      '# web\narch: amd64\ncores: 2\nhostname: web01\nmemory: 2048\nlock: backup\ntags: web;prod\ntemplate: 1\n' +
        'rootfs: local-lvm:vm-200-disk-0,size=8G\nlxc.cgroup2.cpuset.cpus: 0-3\nlxc.mount.auto: proc\n\n[snap1]\ncores: 8\n',
    );
    expect(warnings).toEqual([]);
    expect(guest).toMatchObject({
      cores: 2,
      name: 'web01',
      memoryMiB: 2048,
      lock: 'backup',
      tags: ['web', 'prod'],
      template: true,
    });
    expect(guest.cpuset?.ids).toEqual([0, 1, 2, 3]);
    expect(guest.raw).toEqual(new Map([['lxc.cgroup2.cpuset.cpus', '0-3']]));
  });

  it.each([
    ['lxc.cgroup2.cpuset.cpus = 4-5', [4, 5]],
    ['lxc.cgroup2.cpuset.cpus: 0\nlxc.cgroup2.cpuset.cpus: 6\r', [6]],
    ['lxc.cgroup2.cpuset.cpus:', undefined],
    ['lxc.cgroup.cpuset.cpus: 1', undefined],
    ['[pve:pending]\nlxc.cgroup2.cpuset.cpus: 1', undefined],
    ['[PVE:pending] \nlxc.cgroup2.cpuset.cpus: 1', undefined],
    ['[a-1_B]\t\v\nlxc.cgroup2.cpuset.cpus: 1', undefined],
    ['#lxc.cgroup2.cpuset.cpus: 1\n \t\nlxc.cgroup2.cpuset.cpus: 2', [2]],
    ['lxc.cgroup2.cpuset.cpus \t\v = \t 2 ', [2]],
    ['lxc.environment: a=1\nlxc.x_y-1.z: 1\nlxc.cgroup2.cpuset.cpus: 1', [1]],
  ])('reads the CPUs of %j', (text, cpus) => {
    expect(parse(text).guest.cpuset?.ids).toEqual(cpus);
    expect(parse(text).warnings).toEqual([]);
  });

  it.each([
    ['cores: 0', { cores: null }],
    ['cores: 2\ncores: 4', { cores: 4 }],
    ['cores: 2\ncores: x', { cores: 2 }],
    ['lxc.cgroup2.cpuset.cpus: 0-3\nlxc.cgroup2.cpuset.cpus: 3-0', { cpuset: cpuSet([0, 1, 2, 3]) }],
    ['cores:\t2 ', { cores: 2 }],
    ['template: 0', { template: false }],
    ['template: yes', { template: true }],
    ['mp0: a\nmp_x12: b\nfeatures: nesting=1', { cores: null }],
  ])('reads %j', (text, expected) => {
    expect(parse(text).guest).toMatchObject(expected);
  });

  it.each([
    ['cores: two', "line 1: type check ('integer') failed - got 'two'"],
    ['\nmemory: 2g', "line 2: type check ('integer') failed - got '2g'"],
    ['lxc.cgroup2.cpuset.cpus: 3-1', 'line 1: Cannot parse CPU list "3-1": range start 3 is after end 1'],
    ['Cores: 2', 'line 1: unable to parse config: Cores: 2'],
    ['[x]\ncores: 1', 'line 1: unable to parse config: [x]'],
    ['\0\xff', 'line 1: unable to parse config: ??'],
    ['x[snap]', 'line 1: unable to parse config: x[snap]'],
    ['[snap]x', 'line 1: unable to parse config: [snap]x'],
    ['[1snap]', 'line 1: unable to parse config: [1snap]'],
    ['[snap.1]', 'line 1: unable to parse config: [snap.1]'],
    ['xlxc.cgroup2.cpuset.cpus = 1', 'line 1: unable to parse config: xlxc.cgroup2.cpuset.cpus = 1'],
    ['lxc.cgroup2.cpuset.cpus 1', 'line 1: unable to parse config: lxc.cgroup2.cpuset.cpus 1'],
    ['cores:', 'line 1: unable to parse config: cores:'],
    [' cores: 1', 'line 1: unable to parse config: cores: 1'],
    ['cores-: 1', 'line 1: unable to parse config: cores-: 1'],
    ['template: maybe', "line 1: type check ('boolean') failed - got 'maybe'"],
    ['hostname: a_b', 'line 1: value does not look like a valid DNS name'],
  ])('warns about %j', (text, warning) => {
    expect(parse(text).warnings).toEqual([warning]);
  });
});
