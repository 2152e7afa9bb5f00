// The agent's unit lets it write everything that it may be asked to write, and nothing else of the kernel's settings.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SETTING_RULES } from '#domain/host-layer.ts';

const UNIT = readFileSync('packaging/systemd/berth.service', 'utf8');

/** All values of a setting that may stand more than once. */
const valuesOf = (key: string): readonly string[] =>
  [...UNIT.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].flatMap(([, value = '']) => value.split(' '));

const writable = [
  ...valuesOf('ReadWritePaths').map(path => path.replace(/^-/, '')),
  ...valuesOf('RuntimeDirectory').map(name => `/run/${name}`),
  ...valuesOf('StateDirectory').map(name => `/var/lib/${name}`),
];
const isWritable = (path: string): boolean => writable.some(directory => path.startsWith(`${directory}/`));

describe('berth.service', () => {
  it.each([
    ...SETTING_RULES.map(({ path }) => path),
    '/etc/pve/berth/nodes/pve1/placement.json',
    '/var/lib/berth/journal/0001.json',
    '/run/berth/lock',
    '/run/systemd/system.control/system.slice.d/50-AllowedCPUs.conf',
    '/sys/fs/cgroup/qemu.slice/100.scope/vcpu/cpuset.cpus.partition',
  ])('lets the agent write %s', path => {
    expect(isWritable(path)).toBe(true);
  });

  it.each([
    '/sys/firmware/efi/x',
    '/proc/sys/vm/swappiness',
    '/usr/bin/berth',
    '/boot/vmlinuz',
    '/etc/passwd',
    '/etc/pvex/y',
  ])('keeps it from writing %s', path => {
    expect(isWritable(path)).toBe(false);
  });

  it('speaks on no network', () => {
    expect(valuesOf('RestrictAddressFamilies')).toEqual(['AF_UNIX']);
  });
});
