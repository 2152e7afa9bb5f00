// Looks at the host's CPUs: how busy they are, the interrupts that they serve, how fast they run.
import type { CpuId } from '#domain/ids.ts';
import type { CpuFrequency, CpuTimesReading, HostReading } from '#domain/sampling.ts';
import type { TextTree, Unknown } from '#domain/text-tree.ts';
import { parseCpuTimes } from '#topology/parse-cpu-times.ts';
import { parseInterrupts } from '#topology/parse-interrupts.ts';
import { HostError } from './host-error.ts';
import { readParsed } from './read-parsed.ts';
import { readStalls } from './sample-cgroup.ts';
import type { Clock } from './sample-thread.ts';

/** @throws HostError where there is no `/proc/stat`: nothing can then be judged. */
export function readCpuTimes(host: TextTree, clock: Clock): CpuTimesReading {
  const atMs = clock();
  const cpus = readParsed(host, '/proc/stat', parseCpuTimes);
  if (cpus === null) throw new HostError('missing', 'Cannot read /proc/stat: is /proc mounted?');
  return { atMs, cpus };
}

export function readHost(host: TextTree, clock: Clock): HostReading {
  return {
    atMs: clock(),
    interrupts: readParsed(host, '/proc/interrupts', parseInterrupts),
    stalls: readStalls(host, resource => `/proc/pressure/${resource}`),
  };
}

const KHZ_PER_MHZ = 1000;

/** Empty on hosts that do not scale, or do not show it, which is noted: some virtual machines, and firmware that scales by itself. */
export function readFrequencies(
  host: TextTree,
  cpus: readonly CpuId[],
  unknown: Unknown[],
): ReadonlyMap<CpuId, CpuFrequency> {
  const frequencies = new Map<CpuId, CpuFrequency>();
  for (const cpu of cpus) {
    const directory = `/sys/devices/system/cpu/cpu${cpu}/cpufreq`;
    const now = readMHz(host, `${directory}/scaling_cur_freq`);
    const max = readMHz(host, `${directory}/cpuinfo_max_freq`);
    if (now !== null && max !== null) frequencies.set(cpu, { nowMHz: now, maxMHz: max });
  }
  if (cpus.length > 0 && frequencies.size === 0) {
    unknown.push({
      path: '/sys/devices/system/cpu/*/cpufreq',
      reason: 'this host does not show how fast its CPUs run',
    });
  }
  return frequencies;
}

function readMHz(host: TextTree, path: string): number | null {
  const text = host.read(path)?.trim() ?? '';
  return /^\d+$/.test(text) ? Math.round(Number(text) / KHZ_PER_MHZ) : null;
}
