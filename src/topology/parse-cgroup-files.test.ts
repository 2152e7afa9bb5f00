// Files of cgroups, of guests and of others; and the pressure files, which the host has as well.
import { describe, expect, it } from 'vitest';
import { parseCgroupOwner, parseCgroupPath, parseCpuLimit, parseNumaStat } from './parse-cgroup-files.ts';
import { parseStalledUs } from './parse-pressure.ts';

describe('parseCpuLimit()', () => {
  const usage = 'usage_usec 700\nuser_usec 600\nsystem_usec 100\n';

  it.each([
    [
      'a limit that stops',
      `${usage}nr_periods 40\nnr_throttled 30\nthrottled_usec 1200\nnr_bursts 0\n`,
      { periods: 40, throttled: 30, throttledUs: 1200 },
    ],
    ['no limit', `${usage}nr_periods 0\nnr_throttled 0\nthrottled_usec 0\n`, null],
    ['a kernel without limits', usage, null],
    ['periods alone', `${usage}nr_periods 40\n`, { periods: 40, throttled: 0, throttledUs: 0 }],
    ['no periods of a longer name or number', `${usage}xnr_periods 1\nnr_periods 2x\n`, null],
  ])('reads %s', (_, text, limit) => {
    expect(parseCpuLimit(text)).toEqual(limit);
  });

  it.each(['', 'nr_periods 40\n', 'usage_usec many\n', 'xusage_usec 1\n', 'usage_usec 1x\n'])('rejects %j', text => {
    expect(() => parseCpuLimit(text)).toThrow('usage_usec');
  });
});

describe('parseNumaStat()', () => {
  it('sums anonymous and shared memory by node', () => {
    const text =
      'anon N0=104857600 N1=0\nfile N0=999999999 N1=999999999\nanon_thp N0=99 N1=0\nshmem N0=0 N1=52428800\n';
    expect([...parseNumaStat(text)]).toEqual([
      [0, 100],
      [1, 50],
    ]);
  });

  it('adds up what is on one node, rounded to MiB, ascending by node', () => {
    const text = 'anon N10=1048576 N2=524288\nshmem N10=2097152 N2=1048575 N1=524287\nxanon N1=9999999\n';
    expect([...parseNumaStat(text)]).toEqual([
      [2, 1],
      [10, 3],
    ]);
  });

  it('leaves out nodes that hold none, and keeps numbers with gaps', () => {
    expect([...parseNumaStat('anon N0=0 N8=1048576\nshmem N0=0 N8=0\n')]).toEqual([[8, 1]]);
  });

  it.each([
    ['', 'it has no line "anon"'],
    ['anon N0=1\n', 'it has no line "shmem"'],
    ['shmem N0=1\n', 'it has no line "anon"'],
    ['total=5 N0=5\n', 'it has no line "anon"'],
    ['xanon N0=1\nshmem N0=1\n', 'it has no line "anon"'],
  ])('rejects %j', (text, reason) => {
    expect(() => parseNumaStat(text)).toThrow(`Cannot parse memory.numa_stat: ${reason}`);
  });
});

describe('parseCgroupPath()', () => {
  it.each([
    ['version 2 alone', '0::/qemu.slice/100.scope\n', '/qemu.slice/100.scope'],
    ['both versions', '12:cpuset:/\n1:name=systemd:/x\n0::/y\n', '/y'],
    ['version 1 alone', '12:cpuset:/qemu.slice\n', null],
    ['a number that ends alike', '10::/x\n', null],
    ['a path that does not begin at the root', '0::x\n', null],
    ['an empty file', '', null],
  ])('reads %s', (_, text, path) => {
    expect(parseCgroupPath(text)).toBe(path);
  });
});

describe('parseCgroupOwner()', () => {
  it.each([
    ['/qemu.slice/100.scope', 100],
    ['/qemu.slice/100.scope/vcpu', 100],
    ['/lxc/101/ns/init.scope', 101],
    ['/lxc/101', 101],
    ['/lxc.monitor/101', null],
    ['/system.slice/qemu.slice/100.scope', null],
    ['/qemu.slice', null],
    ['/qemu.slice/100.scopes', null],
    ['/lxc/101x', null],
    ['/qemu.slice/x.scope', null],
    ['/', null],
  ])('%s belongs to %s', (path, vmid) => {
    expect(parseCgroupOwner(path)).toBe(vmid);
  });
});

describe('parseStalledUs()', () => {
  it('reads the total of "some", not of "full"', () => {
    const text =
      'some avg10=98.48 avg60=84.03 avg300=58.45 total=2573333654\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n';
    expect(parseStalledUs(text)).toBe(2_573_333_654);
  });

  it('shows no more than the beginning of what it cannot parse', () => {
    expect(() => parseStalledUs('x'.repeat(81))).toThrow(`Cannot parse pressure "${'x'.repeat(80)}"`);
  });

  it.each([
    '',
    'full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n',
    'some avg10=0.00 total=x\n',
    'some total=1x\n',
    'awesome total=1\n',
  ])('rejects %j', text => {
    expect(() => parseStalledUs(text)).toThrow(`Cannot parse pressure "${text}": it has no "some" total`);
  });
});
