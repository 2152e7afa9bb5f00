// The files of sysfs, procfs and cgroups that a capture takes: this list is all of it.
import type { TextTree } from '#domain/text-tree.ts';
import { CEPH_SLICE } from './read-storage-load.ts';

/** Path → text of what is captured. */
export type CapturedFiles = Map<string, string>;

const CPU = '/sys/devices/system/cpu';
const NODE = '/sys/devices/system/node';
const CGROUP = '/sys/fs/cgroup';

const CPUSET = 'cpuset.cpus cpuset.cpus.effective cpuset.cpus.partition cpuset.mems cpuset.mems.effective';
const POOL = 'nr_hugepages free_hugepages surplus_hugepages';

/** Directories, in which `#` stands for a number in hex, and the names of files in them. They hold numbers, lists and words of the kernel's own. */
const KEPT: readonly (readonly [directory: string, names: string])[] = [
  [CPU, 'possible present online offline isolated nohz_full'],
  [`${CPU}/smt`, 'active control'],
  [`${CPU}/cpu#`, 'online cpu_capacity'],
  [`${CPU}/cpu#/acpi_cppc`, 'highest_perf nominal_perf'],
  [`${CPU}/cpu#/topology`, 'physical_package_id die_id cluster_id core_id'],
  [`${CPU}/cpu#/topology`, 'core_cpus_list thread_siblings_list package_cpus_list core_siblings_list'],
  [`${CPU}/cpu#/topology`, 'die_cpus_list cluster_cpus_list core_cpus thread_siblings'],
  [`${CPU}/cpu#/topology`, 'package_cpus core_siblings die_cpus cluster_cpus'],
  [`${CPU}/cpu#/cache/index#`, 'level type size id shared_cpu_list shared_cpu_map'],
  ['/sys/devices/cpu_core', 'cpus'],
  ['/sys/devices/cpu_atom', 'cpus'],
  ['/sys/devices/cpu_lowpower', 'cpus'],
  [NODE, 'possible online has_cpu has_memory has_normal_memory'],
  [`${NODE}/node#`, 'cpulist cpumap distance meminfo'],
  [`${NODE}/node#/hugepages/hugepages-#kB`, POOL],
  ['/sys/kernel/mm/hugepages/hugepages-#kB', POOL],
  ['/sys/devices/virtual/memory_tiering/memory_tier#', 'nodelist'],
  ['/sys/bus/dax/devices/dax#.#', 'target_node numa_node'],
  ['/sys/bus/pci/devices/#:#:#.#', 'class vendor device numa_node local_cpulist local_cpus'],
  [`${CPU}/cpu#/power`, 'pm_qos_resume_latency_us'],
  [`${CPU}/cpufreq/policy#`, 'affected_cpus scaling_governor scaling_available_governors'],
  [`${CPU}/cpufreq/policy#`, 'energy_performance_preference energy_performance_available_preferences'],
  ['/sys/devices/virtual/workqueue', 'cpumask_requested'],
  ['/sys/devices/virtual/workqueue/writeback', 'cpumask'],
  ['/proc/sys/kernel', 'timer_migration'],
  ['/proc', 'meminfo'],
  [CGROUP, 'cgroup.controllers cpuset.cpus.effective cpuset.cpus.isolated cpuset.mems.effective'],
  [`${CEPH_SLICE}/ceph-osd@#.service`, 'cgroup.controllers'],
  ...['lxc', 'lxc/#', 'lxc/#/ns', 'qemu.slice', 'qemu.slice/#.scope', 'system.slice', 'user.slice', 'init.scope'].map(
    group => [`${CGROUP}/${group}`, CPUSET] as const,
  ),
];

/** Files that hold more than is kept: whole lines that begin so. */
const KEPT_LINES: readonly (readonly [directory: string, name: string, line: RegExp])[] = [
  ['/proc', 'cpuinfo', /^(processor|vendor_id|model name|address sizes)\s*:/],
  ['/sys/bus/pci/devices/#:#:#.#', 'uevent', /^DRIVER=/],
];

/** Directories whose mere names tell: dax devices below the bus that their memory sits on. */
const KEPT_DIRECTORIES = ['nd', 'cxl'].flatMap(bus => [`/sys/bus/${bus}/devices/*/dax#.#`]);

/** @throws HostError for a file that exists and cannot be read, as `inspect` would. */
export function captureKernelFiles(tree: TextTree, files: CapturedFiles): void {
  const keep = (path: string, choose: (text: string) => string = text => text) => {
    const text = tree.read(path);
    if (text !== null) files.set(path, choose(text));
  };
  for (const [pattern, names] of KEPT) {
    for (const directory of expand(tree, pattern)) for (const name of names.split(' ')) keep(`${directory}/${name}`);
  }
  for (const [pattern, name, line] of KEPT_LINES) {
    for (const directory of expand(tree, pattern)) keep(`${directory}/${name}`, text => chooseLines(text, line));
  }
}

export function kernelDirectories(tree: TextTree): readonly string[] {
  return KEPT_DIRECTORIES.flatMap(pattern => expand(tree, pattern));
}

function chooseLines(text: string, line: RegExp): string {
  return text
    .split('\n')
    .filter(candidate => line.test(candidate))
    .map(candidate => `${candidate}\n`)
    .join('');
}

/** The directories of that form; one without `#` or `*` is taken to be there. */
function expand(tree: TextTree, pattern: string): readonly string[] {
  return pattern
    .split('/')
    .slice(1)
    .reduce<readonly string[]>(
      (parents, step) => {
        if (!/[#*]/.test(step)) return parents.map(parent => `${parent}/${step}`);
        const form = new RegExp(`^${step.replaceAll('.', '\\.').replaceAll('#', '[0-9a-f]+').replaceAll('*', '.*')}$`);
        return parents.flatMap(parent =>
          tree
            .list(parent === '' ? '/' : parent)
            .filter(name => form.test(name))
            .map(name => `${parent}/${name}`),
        );
      },
      [''],
    );
}
