// Units beside the guests, on captured trees: where they may run, what their files ask for, and files that say nothing.
import { symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodeIdList } from '#domain/id-list.ts';
import { makeTemporaryTree } from '#fixtures/temporary-tree.ts';
import { readConfineSupport, readHostUnits, readUnitWishes } from './host-units.ts';
import { openHost } from './open-host.ts';

const CGROUP = 'sys/fs/cgroup';
const ETC = 'etc/systemd/system';

function makeHost(files: Readonly<Record<string, string>>) {
  return openHost(
    makeTemporaryTree({
      'sys/devices/system/cpu/online': '0-7\n',
      [`${CGROUP}/cpuset.cpus.effective`]: '0-7\n',
      [`${CGROUP}/system.slice/cgroup.controllers`]: 'cpu\n',
      ...files,
    }),
  );
}

describe('readHostUnits()', () => {
  const words = (files: Readonly<Record<string, string>>) =>
    readHostUnits(makeHost(files)).map(({ unit, own, runtime, effective }) => {
      const list = (cpus: typeof own) => (cpus === null ? '-' : encodeIdList(cpus));
      return `${unit} ${list(own)} ${list(runtime)} ${list(effective)}`;
    });
  const cpuset = (unit: string, cpus: string, effective: string) => ({
    [`${CGROUP}/${unit}/cpuset.cpus`]: `${cpus}\n`,
    [`${CGROUP}/${unit}/cpuset.cpus.effective`]: `${effective}\n`,
  });

  it.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ['one without a cpuset may run everywhere', {}, ['system.slice - - 0-7']],
    ['one that was set', cpuset('system.slice', '0,3-7', '0,3-7'), ['system.slice - 0,3-7 0,3-7']],
    ['one with all CPUs is as configured', cpuset('system.slice', '0-7', '0-7'), ['system.slice - - 0-7']],
    [
      'one with a configuration',
      { ...cpuset('system.slice', '0-3', '0-3'), [`${ETC}/system.slice.d/a.conf`]: '[Slice]\nAllowedCPUs=0-3\n' },
      ['system.slice 0-3 - 0-3'],
    ],
    [
      'one with a configuration that was set otherwise',
      { ...cpuset('system.slice', '0', '0'), [`${ETC}/system.slice.d/a.conf`]: '[Slice]\nAllowedCPUs=0 1-3\n' },
      ['system.slice 0-3 0 0'],
    ],
    [
      'cgroups of guests, and what is no cgroup, are none',
      {
        [`${CGROUP}/qemu.slice/cgroup.controllers`]: 'cpu\n',
        [`${CGROUP}/lxc/cgroup.controllers`]: 'cpu\n',
        [`${CGROUP}/lxc.monitor/cgroup.controllers`]: 'cpu\n',
        [`${CGROUP}/made.by.hand/cgroup.controllers`]: 'cpu\n',
        [`${CGROUP}/gone.slice/other`]: '',
      },
      ['lxc.monitor - - 0-7', 'system.slice - - 0-7'],
    ],
  ])('%s', (_, files, expected) => {
    expect(words(files)).toEqual(expected);
  });
});

describe('readUnitWishes()', () => {
  const words = (text: string) =>
    readUnitWishes(makeHost({ [`${ETC}/a.service`]: text })).map(({ key, cpus }) => `${key} ${encodeIdList(cpus)}`);

  it.each<[string, readonly string[]]>([
    ['CPUAffinity=1 2', ['CPUAffinity 1-2']],
    ['CPUAffinity=1,2', ['CPUAffinity 1-2']],
    ['  CPUAffinity = 0-1 , 4', ['CPUAffinity 0-1,4']],
    ['CPUAffinity=1\nCPUAffinity=2', ['CPUAffinity 1-2']],
    ['CPUAffinity=1\nCPUAffinity=\nCPUAffinity=2', ['CPUAffinity 2']],
    ['AllowedCPUs=4-5\nCPUAffinity=4', ['AllowedCPUs 4-5', 'CPUAffinity 4']],
    ['', []],
    ['CPUAffinity=', []],
    ['CPUAffinity=numa', []],
    ['CPUAffinity=5-2', []],
    ['#CPUAffinity=1', []],
    [';CPUAffinity=1', []],
    ['MyCPUAffinity=1', []],
    ['AllowedMemoryNodes=1', []],
  ])('of "%s"', (text, expected) => {
    expect(words(`[Service]\n${text}\n`)).toEqual(expected);
  });

  it('are read past units that are masked', () => {
    const host = makeHost({ [`${ETC}/b.service`]: '[Service]\nCPUAffinity=3\n' });
    symlinkSync('/dev/null', `${host.root}/${ETC}/a.service`);
    expect(readUnitWishes(host).map(({ unit, path }) => [unit, path])).toEqual([
      ['b.service', '/etc/systemd/system/b.service'],
    ]);
  });
});

it.each([
  ['cpuset cpu', '6.8.12-9-pve', 'possible'],
  ['cpuset cpu', '6.2.0', 'possible'],
  ['cpuset cpu', '7.0.1', 'possible'],
  ['cpuset cpu', '6.1.0-51-amd64', 'old-kernel'],
  ['cpuset cpu', '5.15.0', 'old-kernel'],
  ['cpuset cpu', '', 'old-kernel'],
  ['cpu io', '6.8.12-9-pve', 'no-cgroup2'],
])('readConfineSupport() with controllers "%s" on kernel %s: %s', (controllers, release, expected) => {
  const files = { [`${CGROUP}/cgroup.controllers`]: `${controllers}\n`, 'proc/sys/kernel/osrelease': `${release}\n` };
  expect(readConfineSupport(makeHost(files))).toBe(expected);
});
