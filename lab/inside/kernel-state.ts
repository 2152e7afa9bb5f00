// All that Berth could have changed outside guests' memory, read from the kernel: masks of every thread, interrupts, cgroups; and files.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Name of a thing → how it is. What came or went by itself, such as processes, is compared only where it is in both. */
export type KernelState = ReadonlyMap<string, string>;

const CGROUPS = '/sys/fs/cgroup';
const CGROUP_FILES = [
  'cgroup.type',
  'cgroup.subtree_control',
  'cpuset.cpus',
  'cpuset.cpus.effective',
  'cpuset.cpus.exclusive',
  'cpuset.cpus.partition',
];
/** Configs, placements, policy; what was set of units until the next boot. The journal remembers, as it must. */
const FILES = ['/etc/pve', '/var/lib/berth/placement.json', '/run/systemd/system.control'];

/** Settings of the kernel: all files of these directories, or those of this name. */
const SETTINGS: readonly (readonly [directory: string, name: RegExp])[] = [
  ['/proc/sys/kernel', /^(?!ns_last_pid$|tainted$|perf_event_max_sample_rate$)/],
  ['/proc/sys/vm', /^(?!stat_refresh$|drop_caches$|compact_memory$)/],
  ['/proc/irq', /^default_smp_affinity$/],
  ['/sys/kernel/mm/ksm', /^(run|merge_across_nodes)$/],
  ['/sys/kernel/mm/transparent_hugepage', /./],
  ['/sys/devices/virtual/workqueue', /cpumask/],
];
const NUMBERED: readonly (readonly [directory: string, prefix: RegExp, below: string])[] = [
  ['/sys/devices/system/cpu', /^cpu\d+$/, 'power/pm_qos_resume_latency_us'],
  ['/sys/devices/system/cpu/cpufreq', /^policy\d+$/, 'scaling_governor'],
  ['/sys/devices/virtual/workqueue', /./, 'cpumask'],
];

/** Path → text. */
export function* settings(): Generator<readonly [string, string]> {
  const paths = [
    ...SETTINGS.flatMap(([directory, name]) =>
      namesIn(directory).flatMap(file => (name.test(file) ? [`${directory}/${file}`] : [])),
    ),
    ...NUMBERED.flatMap(([directory, form, below]) =>
      namesIn(directory).flatMap(name => (form.test(name) ? [`${directory}/${name}/${below}`] : [])),
    ),
  ];
  for (const path of paths) {
    const text = readOr(path, null);
    if (text !== null) yield [path, text.trim()];
  }
}

export function readKernelState(): KernelState {
  return new Map([...threads(), ...interrupts(), ...cgroups(), ...settings(), ...files()]);
}

/** A line for everything that is not as it was. */
export function listChanges(before: KernelState, now: KernelState): readonly string[] {
  const names = [...new Set([...before.keys(), ...now.keys()])].sort();
  return names.flatMap(name => {
    const [then, today] = [before.get(name), now.get(name)];
    if (then === today) return [];
    // Threads and the cgroups of services come and go by themselves.
    if ((then === undefined || today === undefined) && !mustStay(name)) return [];
    return [`${name} was ${then ?? 'not there'}, is ${today ?? 'not there'}`];
  });
}

const mustStay = (name: string): boolean =>
  [...FILES, `${CGROUPS}/qemu.slice/`, `${CGROUPS}/lxc/`].some(path => name.startsWith(path)) ||
  dirname(dirname(name)) === CGROUPS;

function* threads(): Generator<readonly [string, string]> {
  for (const pid of numbers('/proc')) {
    for (const tid of numbers(`/proc/${pid}/task`)) {
      const task = `/proc/${pid}/task/${tid}`;
      const [status, stat] = [readOr(`${task}/status`), readOr(`${task}/stat`)];
      const mask = /^Cpus_allowed_list:\t(.*)$/m.exec(status)?.[1];
      const fields = stat.replace(/^.*\) /, '').split(' ');
      const name = /^Name:\t(.*)$/m.exec(status)?.[1];
      // Field 22 is the time of its start: with it an id names one thread for ever. A worker of the kernel changes its name with its work.
      if (mask !== undefined)
        yield [`thread ${tid} (${/^kworker/.test(name ?? '') ? 'kworker' : name}, started ${fields[19]})`, mask];
    }
  }
}

function* interrupts(): Generator<readonly [string, string]> {
  for (const irq of numbers('/proc/irq'))
    yield [`interrupt ${irq}`, readOr(`/proc/irq/${irq}/smp_affinity_list`).trim()];
}

function* cgroups(): Generator<readonly [string, string]> {
  const below = readdirSync(CGROUPS, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter(entry => entry.isDirectory())
    .map(entry => join(entry.parentPath, entry.name));
  for (const cgroup of [CGROUPS, ...below]) {
    for (const name of CGROUP_FILES) {
      const path = `${cgroup}/${name}`;
      if (existsSync(path)) yield [path, readOr(path).trim()];
    }
  }
}

function* files(): Generator<readonly [string, string]> {
  for (const start of FILES.filter(path => existsSync(path))) {
    const names = start.endsWith('.json') ? [''] : readdirSync(start, { recursive: true, encoding: 'utf8' });
    for (const name of names) {
      const path = name === '' ? start : join(start, name);
      const text = readOr(path, null);
      if (text !== null) yield [path, text];
    }
  }
}

const numbers = (directory: string): readonly number[] =>
  existsSync(directory)
    ? namesIn(directory)
        .filter(name => /^\d+$/.test(name))
        .map(Number)
    : [];

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function readOr(path: string): string;
function readOr(path: string, otherwise: null): string | null;
function readOr(path: string, otherwise: string | null = ''): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return otherwise;
  }
}
