// What a setting should be: masks without dedicated CPUs, words as the policy asks, and everything else as it was found.
import { describe, expect, it } from 'vitest';
import { type HostLayers, type KernelSetting, LAYERS, SETTING_RULES } from './host-layer.ts';
import { cpuSet } from './id-set.ts';
import { type CpuId, vmId } from './ids.ts';
import {
  isSameSetting,
  kernelThreadPath,
  type LayerContext,
  makeSettingMoves,
  parseKernelThreadPath,
  settingKind,
  wantedSetting,
} from './kernel-setting.ts';

const GUEST = vmId(100);

/** CPUs 2 and 3 of eight are VM 100's, which runs; CPU 7 is offline. */
const context = (layers: HostLayers, more: Partial<LayerContext> = {}): LayerContext => ({
  layers,
  reserved: new Map([2, 3].map(cpu => [cpu as CpuId, GUEST])),
  online: cpuSet([0, 1, 2, 3, 4, 5, 6]),
  housekeeping: cpuSet([0, 1]),
  running: new Set([GUEST]),
  ...more,
});

const setting = (layer: KernelSetting['layer'], found: string, more: Partial<KernelSetting> = {}): KernelSetting => ({
  layer,
  path: '/somewhere',
  form: 'word',
  now: found,
  found,
  cpus: null,
  ...more,
});

describe('wantedSetting()', () => {
  it.each<[string, KernelSetting, HostLayers, string]>([
    [
      'takes dedicated CPUs out of a mask',
      setting('workqueues', 'ff', { form: 'mask' }),
      { workqueues: 'move' },
      '000000f3',
    ],
    ['takes them out of a list', setting('watchdog', '0-7', { form: 'list' }), { watchdog: 'move' }, '0-1,4-7'],
    [
      'leaves a mask without them as the kernel wrote it',
      setting('workqueues', '3', { form: 'mask' }),
      { workqueues: 'move' },
      '3',
    ],
    [
      "gives the host's CPUs where nothing is left",
      setting('kernelThreads', '2-3', { form: 'list' }),
      { kernelThreads: 'move' },
      '0-1',
    ],
    [
      'counts offline CPUs for nothing',
      setting('kernelThreads', '3,7', { form: 'list' }),
      { kernelThreads: 'move' },
      '0-1',
    ],
    [
      'starts from what was found, so that CPUs come back',
      setting('watchdog', '0-7', { form: 'list', now: '0-1' }),
      { watchdog: 'move' },
      '0-1,4-7',
    ],
    [
      'goes back to what was found without the layer',
      setting('watchdog', '0-7', { form: 'list', now: '0-1,4-7' }),
      {},
      '0-7',
    ],
    [
      'bans dedicated CPUs beside those that were',
      setting('irqbalance', '5', { form: 'banned' }),
      { irqbalance: 'ban' },
      '2-3,5',
    ],
    ['keeps timers where they are', setting('timers', '1'), { timers: 'stay' }, '0'],
    ['has KSM stay in its node', setting('ksm', '1'), { ksm: 'perNode' }, '0'],
    ['switches balancing off in any mode', setting('numaBalancing', '2'), { numaBalancing: 'off' }, '0'],
    ['takes microseconds for nanoseconds', setting('haltPollingUs', '200000'), { haltPollingUs: 50 }, '50000'],
    ['takes no polling for a wish', setting('haltPollingUs', '200000'), { haltPollingUs: 0 }, '0'],
    ['says who gets huge pages', setting('transparentHugepages', 'always'), { transparentHugepages: 'never' }, 'never'],
    [
      'speeds up a CPU of a guest that runs',
      setting('frequency', 'powersave', { cpus: cpuSet([2]) }),
      { frequency: 'performance' },
      'performance',
    ],
    [
      'speeds up a policy that has one among others',
      setting('frequency', 'powersave', { cpus: cpuSet([1, 2]) }),
      { frequency: 'performance' },
      'performance',
    ],
    [
      'leaves CPUs of nobody',
      setting('frequency', 'powersave', { cpus: cpuSet([0, 1]) }),
      { frequency: 'performance' },
      'powersave',
    ],
    ['lets CPUs sleep lightly', setting('idleStates', '0', { cpus: cpuSet([3]) }), { idleStates: 'shallow' }, '2'],
    ['keeps a stricter limit', setting('idleStates', '1', { cpus: cpuSet([3]) }), { idleStates: 'shallow' }, '1'],
    [
      'keeps the strictest limit',
      setting('idleStates', 'n/a', { cpus: cpuSet([3]) }),
      { idleStates: 'shallow' },
      'n/a',
    ],
    ['tightens a looser limit', setting('idleStates', '50', { cpus: cpuSet([3]) }), { idleStates: 'shallow' }, '2'],
  ])('%s', (_, about, layers, wanted) => {
    expect(wantedSetting(about, context(layers))).toBe(wanted);
  });

  it('leaves CPUs as they were found while their guest is stopped', () => {
    const about = setting('frequency', 'powersave', { now: 'performance', cpus: cpuSet([2]) });
    expect(wantedSetting(about, context({ frequency: 'performance' }, { running: new Set() }))).toBe('powersave');
  });

  it('leaves every mask where nobody is dedicated', () => {
    const about = setting('workqueues', 'ff', { form: 'mask', now: 'f3' });
    expect(wantedSetting(about, context({ workqueues: 'move' }, { reserved: new Map() }))).toBe('ff');
  });
});

describe('makeSettingMoves()', () => {
  const preference = setting('frequency', 'power', { path: '/preference', cpus: cpuSet([2]) });
  const governor = setting('frequency', 'powersave', { path: '/governor', cpus: cpuSet([2]) });

  it('sets the preference before the governor, and puts the governor back before the preference', () => {
    const paths = (settings: readonly KernelSetting[], layers: HostLayers) =>
      makeSettingMoves(settings, context(layers))
        .get('frequency')
        ?.map(({ path }) => path);
    expect(paths([preference, governor], { frequency: 'performance' })).toEqual(['/preference', '/governor']);
    const fast = [preference, governor].map(about => ({ ...about, now: 'performance' }));
    expect(paths(fast, {})).toEqual(['/governor', '/preference']);
  });

  it('says nothing of what is as it should be', () => {
    expect(makeSettingMoves([{ ...governor, now: 'performance' }], context({ frequency: 'performance' })).size).toBe(0);
  });
});

describe('isSameSetting()', () => {
  it.each<[KernelSetting['form'], string, string, boolean]>([
    ['mask', 'ff', '000000ff', true],
    ['mask', 'ff', 'fe', false],
    ['list', '0-1', '0,1', true],
    ['list', '', '', true],
    ['banned', '', '3', false],
    ['word', '0', '00', false],
  ])('compares as %s: %s and %s', (form, a, b, same) => {
    expect(isSameSetting(form, a, b)).toBe(same);
  });
});

describe('settingKind()', () => {
  it('knows every file of every rule, and threads', () => {
    for (const { path, layer, form } of SETTING_RULES)
      expect(settingKind(path.replace('*', '12'))).toMatchObject({ layer, form });
    expect(settingKind('kthread:57:kswapd0')).toEqual({ layer: 'kernelThreads', form: 'list' });
    expect(new Set([...SETTING_RULES.map(({ layer }) => layer), 'kernelThreads'])).toEqual(new Set(LAYERS));
  });

  it.each([
    '',
    '/etc/passwd',
    '/sys/devices/system/cpu/cpu*/power/pm_qos_resume_latency_us',
    '/sys/devices/system/cpu/cpu1/../../../../etc/passwd/power/pm_qos_resume_latency_us',
    '/sys/devices/system/cpu/cpu/power/pm_qos_resume_latency_us',
    '/proc/sys/kernel/watchdog_cpumask/',
    'kthread:0:none',
    'kthread:12',
  ])('refuses the path "%s"', path => {
    expect(settingKind(path)).toBeNull();
  });
});

it('kernelThreadPath() and back keep names with colons and slashes', () => {
  for (const name of ['kswapd0', 'jbd2/sda1-8', 'a:b c'])
    expect(parseKernelThreadPath(kernelThreadPath(57, name))).toEqual({ tid: 57, name });
});
