// irqbalance's own configuration, and the file that goes over it.
import { describe, expect, it } from 'vitest';
import { parseCpuList } from '#domain/id-list.ts';
import { makeTemporaryTree } from '#fixtures/temporary-tree.ts';
import { readIrqbalanceBan, writeIrqbalanceBan } from './irqbalance.ts';
import { openHost } from './open-host.ts';

const RUNS = { 'sys/fs/cgroup/system.slice/irqbalance.service/cgroup.procs': '512\n' };
const CONFIG = 'etc/default/irqbalance';
const hostWith = (files: Readonly<Record<string, string>>) => openHost(makeTemporaryTree({ ...RUNS, ...files }));

describe('readIrqbalanceBan()', () => {
  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['nothing where nothing is said', {}, ''],
    ['a mask', { [CONFIG]: 'ENABLED=1\nIRQBALANCE_BANNED_CPUS="0000000c"\n' }, '2-3'],
    ['a list', { [CONFIG]: "IRQBALANCE_BANNED_CPULIST='4-5,7'\n" }, '4-5,7'],
    ['no comment', { [CONFIG]: '#IRQBALANCE_BANNED_CPULIST=4\n' }, ''],
    ['no empty value', { [CONFIG]: 'IRQBALANCE_BANNED_CPULIST=\n' }, ''],
    [
      'isolated CPUs by itself',
      { 'sys/devices/system/cpu/isolated': '2-3\n', 'sys/devices/system/cpu/nohz_full': '3-4\n' },
      '2-4',
    ],
    ['isolated CPUs of no kernel', { 'sys/devices/system/cpu/nohz_full': '  (null)\n' }, ''],
  ])('finds %s', (_, files, wanted) => {
    expect(readIrqbalanceBan(hostWith(files))).toBe(wanted);
  });

  it('is null where irqbalance does not run', () => {
    expect(readIrqbalanceBan(openHost(makeTemporaryTree({ [CONFIG]: 'IRQBALANCE_BANNED_CPULIST=4\n' })))).toBeNull();
  });
});

describe('writeIrqbalanceBan()', () => {
  it('goes over the configuration without touching it, and takes its files away again', () => {
    const host = hostWith({ [CONFIG]: 'IRQBALANCE_BANNED_CPUS=1\n' });
    writeIrqbalanceBan(host, parseCpuList('0,2-3'));
    expect(readIrqbalanceBan(host)).toBe('0,2-3');
    expect(host.read('/run/berth/irqbalance')).toBe('IRQBALANCE_BANNED_CPUS=\nIRQBALANCE_BANNED_CPULIST=0,2-3\n');
    expect(host.read('/run/systemd/system/irqbalance.service.d/50-berth.conf')).toBe(
      '[Service]\nEnvironmentFile=-/run/berth/irqbalance\n',
    );
    writeIrqbalanceBan(host, parseCpuList('0'));
    expect(readIrqbalanceBan(host)).toBe('0');
    expect(host.list('/run/berth')).toEqual([]);
    expect(host.list('/run/systemd/system/irqbalance.service.d')).toEqual([]);
    expect(host.read(`/${CONFIG}`)).toBe('IRQBALANCE_BANNED_CPUS=1\n');
  });
});
