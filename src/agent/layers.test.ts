// The agent and host layers: what holds only while a guest runs, what a boot has reset, kernel threads that are born later.
import { describe, expect, it } from 'vitest';
import type { BerthTree } from '#fixtures/berth-tree.ts';
import { addKernelThread, makeLayerTree, POWER_SETTINGS } from '#fixtures/layer-tree.ts';
import { HostError } from '#host/host-error.ts';
import { makeReconciler } from './reconciler.ts';

const PID_FILE = '/run/qemu-server/101.pid';
const WATCHDOG = '/proc/sys/kernel/watchdog_cpumask';
const FOUND = '/run/berth/found-settings';

const read = (tree: BerthTree, path: string): string => tree.host.read(path)?.trim() ?? 'gone';
const power = (tree: BerthTree, cpu: number): readonly string[] =>
  POWER_SETTINGS.map(path => read(tree, path.replace('*', `${cpu}`)));

async function applied(layers: string) {
  const tree = makeLayerTree(layers);
  await tree.apply();
  const agent = makeReconciler(tree.host, 'pve1');
  expect((await agent.runPass()).repaired).toEqual([]);
  return { tree, pass: async () => (await agent.runPass()).repaired.filter(({ kind }) => kind === 'layer'), agent };
}

describe('the agent', () => {
  it('lets dedicated CPUs save power while their guest is stopped, and speeds them up when it starts', async () => {
    const { tree, pass } = await applied('{ frequency: performance, idleStates: shallow }');
    const pid = read(tree, PID_FILE);
    expect(power(tree, 2)).toEqual(['performance', 'performance', '2']);
    expect(power(tree, 5)).toEqual(['balance_performance', 'powersave', '0']);
    tree.host.replaceFile(PID_FILE, null);
    expect(await pass()).toMatchObject([{ layer: 'frequency' }, { layer: 'idleStates' }]);
    expect(power(tree, 2)).toEqual(['balance_performance', 'powersave', '0']);
    expect(tree.host.read(FOUND)).toBeNull();
    tree.host.replaceFile(PID_FILE, `${pid}\n`);
    await pass();
    expect(power(tree, 2)).toEqual(['performance', 'performance', '2']);
    expect(await pass()).toEqual([]);
  });

  it('undo gives back what it has set since', async () => {
    const { tree, pass } = await applied('{ frequency: performance }');
    const pid = read(tree, PID_FILE);
    tree.host.replaceFile(PID_FILE, null);
    await pass();
    tree.host.replaceFile(PID_FILE, `${pid}\n`);
    await pass();
    await tree.undo();
    expect(power(tree, 2)).toEqual(['balance_performance', 'powersave', '0']);
  });

  it('sets everything again after a boot', async () => {
    const { tree, pass } = await applied('{ watchdog: move, frequency: performance }');
    tree.host.replaceFile(FOUND, null);
    tree.host.writeKernelFile(WATCHDOG, '0-31');
    for (const path of POWER_SETTINGS) tree.host.writeKernelFile(path.replace('*', '3'), 'powersave');
    await pass();
    expect(read(tree, WATCHDOG)).toBe('0,5-16,21-31');
    expect(power(tree, 3).slice(0, 2)).toEqual(['performance', 'performance']);
    expect(tree.host.read(FOUND)).toContain(`${WATCHDOG}\t0-31\n`);
  });

  it('moves kernel threads that are born later, and undo lets them go everywhere', async () => {
    const { tree, pass } = await applied('{ kernelThreads: move }');
    addKernelThread(tree, 900, 'z_wr_iss');
    addKernelThread(tree, 901, 'irq/40-vfio');
    expect(await pass()).toMatchObject([
      { layer: 'kernelThreads', settings: [{ path: 'kthread:900:z_wr_iss', before: '0-31', after: '0,5-16,21-31' }] },
    ]);
    expect(await pass()).toEqual([]);
    await tree.undo();
    expect(read(tree, '/proc/900/status')).toMatch(/Cpus_allowed_list:\t0-31$/m);
  });

  it('reads at rest neither CPUs that are nobody’s, nor kernel threads and drivers that it knows', async () => {
    const tree = makeLayerTree('{ kernelThreads: move, frequency: performance, idleStates: shallow }');
    await tree.apply();
    let paths: string[] = [];
    const read = (path: string) => {
      paths.push(path);
      return tree.host.read(path);
    };
    const agent = makeReconciler({ ...tree.host, read }, 'pve1');
    await agent.runPass();
    paths = [];
    await agent.runPass();
    expect(paths.filter(path => /cpufreq|pm_qos/.test(path)).filter(path => /(y|u)5\//.test(path))).toEqual([]);
    expect(paths.filter(path => /available|affected/.test(path))).toEqual([]);
    expect(paths.filter(path => path === '/proc/15/stat')).toEqual([]);
    expect(paths).toContain('/sys/devices/system/cpu/cpufreq/policy2/scaling_governor');
  });

  it('asks a driver again before it writes', async () => {
    const { tree, pass } = await applied('{ frequency: performance }');
    const available = '/sys/devices/system/cpu/cpufreq/policy2/scaling_available_governors';
    const governor = '/sys/devices/system/cpu/cpufreq/policy2/scaling_governor';
    tree.host.replaceFile(available, 'powersave schedutil\n');
    tree.host.replaceFile(governor, 'schedutil\n');
    expect(await pass()).toEqual([]);
    tree.host.replaceFile(available, 'powersave performance\n');
    tree.edit('/sys/devices/system/cpu/online', '0-31', '0-30');
    await pass();
    expect(read(tree, governor)).toBe('performance');
  });

  it('says what the kernel refuses, and does not try it in every pass', async () => {
    const tree = makeLayerTree('{ watchdog: move }');
    await tree.apply();
    let writes = 0;
    const host = {
      ...tree.host,
      writeKernelFile: (path: string) => {
        writes++;
        throw new HostError('denied', `Cannot write to ${path}: permission denied`);
      },
    };
    tree.host.writeKernelFile(WATCHDOG, '0-31');
    const agent = makeReconciler(host, 'pve1');
    for (let passes = 0; passes < 5; passes++) {
      const { repaired, problems } = await agent.runPass();
      expect(repaired).toEqual([]);
      expect(problems.get(null)).toMatch(/permission denied/);
    }
    expect(writes).toBeLessThan(5);
  });
});
