// What host layers add to a pass of the agent that finds nothing to do: reading every setting, and where kernel threads may run.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeLayerRepairs } from '#agent/layers.ts';
import type { HostLayers } from '#domain/host-layer.ts';
import { cpuSet } from '#domain/id-set.ts';
import { cpuId, vmId } from '#domain/ids.ts';
import type { LayerContext } from '#domain/kernel-setting.ts';
import { openHost } from '#host/open-host.ts';
import type { BenchResult } from './bench-report.ts';
import { median } from './median.ts';

const CPU = 'sys/devices/system/cpu';
/** Of a large host. */
const CPUS = 128;
const ROUNDS = 21;

/**
 * Looks only, and changes nothing; in milliseconds of CPU time. On this machine the masks, with its kernel threads (`layersTasks` are all
 * processes); all settings on files of a host with many CPUs, each a frequency policy of its own.
 */
export function benchLayers(): BenchResult {
  const root = mkdtempSync(join(tmpdir(), 'berth-layers-'));
  try {
    for (const [path, text] of largeHost()) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return report({ layersMs: timeLooks('/', HERE), [`layersMs${CPUS}`]: timeLooks(root, ON_LARGE) });
  } finally {
    rmSync(root, { recursive: true });
  }
}

function report(runs: Readonly<Record<string, readonly number[]>>): BenchResult {
  const medians = Object.entries(runs).map(([name, runsMs]) => [name, median(runsMs)] as const);
  const tasks = readdirSync('/proc').filter(name => /^\d+$/.test(name)).length;
  return {
    summary: { ...Object.fromEntries(medians), layersTasks: tasks },
    cases: Object.entries(runs).map(([name, runsMs]) => ({ name, runsMs })),
  };
}

/** The first look reads what each task is; the agent does that once. */
function timeLooks(root: string, context: LayerContext): readonly number[] {
  const { look } = makeLayerRepairs(openHost(root));
  if (look(context).length > 0) throw new Error(`There is something to do at ${root}`);
  return Array.from({ length: ROUNDS }, () => {
    const began = process.cpuUsage();
    look(context);
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1000;
  });
}

const ALL_LAYERS: HostLayers = {
  workqueues: 'move',
  kernelThreads: 'move',
  watchdog: 'move',
  timers: 'stay',
  irqbalance: 'ban',
  frequency: 'performance',
  idleStates: 'shallow',
  ksm: 'perNode',
  numaBalancing: 'off',
  haltPollingUs: 500,
  transparentHugepages: 'madvise',
};

/** Half of the CPUs are dedicated; what depends on their guest is as it is while that is stopped. */
const ON_LARGE: LayerContext = {
  layers: ALL_LAYERS,
  reserved: new Map(Array.from({ length: CPUS / 2 }, (_, cpu) => [cpuId(CPUS / 2 + cpu), vmId(100)])),
  online: cpuSet(Array.from({ length: CPUS }, (_, cpu) => cpu)),
  housekeeping: cpuSet([0]),
  running: new Set(),
};

/** No CPU is dedicated, so that every mask is as it should be. */
const HERE: LayerContext = {
  ...ON_LARGE,
  layers: { workqueues: 'move', kernelThreads: 'move', watchdog: 'move' },
  reserved: new Map(),
};

function largeHost(): readonly (readonly [path: string, text: string])[] {
  const each = Array.from({ length: CPUS }, (_, cpu) => ({
    [`${CPU}/cpu${cpu}/power/pm_qos_resume_latency_us`]: '0\n',
    [`${CPU}/cpufreq/policy${cpu}/affected_cpus`]: `${cpu}\n`,
    [`${CPU}/cpufreq/policy${cpu}/scaling_governor`]: 'powersave\n',
    [`${CPU}/cpufreq/policy${cpu}/scaling_available_governors`]: 'performance powersave\n',
    [`${CPU}/cpufreq/policy${cpu}/energy_performance_preference`]: 'balance_performance\n',
    [`${CPU}/cpufreq/policy${cpu}/energy_performance_available_preferences`]: 'performance balance_performance\n',
  }));
  const words = [
    ['proc/sys/kernel/timer_migration', '0\n'],
    ['proc/sys/kernel/numa_balancing', '0\n'],
    ['sys/kernel/mm/ksm/merge_across_nodes', '0\n'],
    ['sys/module/kvm/parameters/halt_poll_ns', '500000\n'],
    ['sys/kernel/mm/transparent_hugepage/enabled', 'always [madvise] never\n'],
  ] as const;
  return [[`${CPU}/online`, `0-${CPUS - 1}\n`], ...words, ...each.flatMap(files => Object.entries(files))];
}
