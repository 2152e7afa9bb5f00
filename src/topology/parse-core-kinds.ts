// Which CPUs of a hybrid processor are performance and which are efficiency ones.
import type { CoreKind } from '#domain/host-topology.ts';
import { type CpuSet, unionOf } from '#domain/id-set.ts';
import type { CpuId } from '#domain/ids.ts';
import { CPU_ROOT, type CpuStates } from './parse-cpu-states.ts';
import type { SysfsReader } from './sysfs-reader.ts';

/** Cores within a fifth of the fastest are of its kind: smaller differences are clock bins of like cores. */
const SAME_KIND_SHARE = 0.8;

export interface KindInput extends Pick<CpuStates, 'present' | 'online'> {
  /** The online CPUs of each core. */
  readonly cores: readonly CpuSet[];
}

/**
 * Three sources, the first that tells: the PMUs of Intel hybrids, which name their CPUs; the kernel's `cpu_capacity`
 * (1024 for the fastest); CPPC's `highest_perf`. A machine with one kind only is uniform, whatever the kind.
 */
export function parseCoreKinds(reader: SysfsReader, input: KindInput): (cpu: CpuId) => CoreKind {
  const slow = slowByPmu(reader, input) ?? slowByCapacity(reader, input) ?? slowByCppc(reader, input);
  if (slow === null || slow.isEmpty) return () => 'uniform';
  return cpu => (slow.has(cpu) ? 'efficiency' : 'performance');
}

/** Low-power efficiency cores have a PMU of their own since Linux 6.12. */
function slowByPmu(reader: SysfsReader, { online }: KindInput): CpuSet | null {
  const cpusOf = (pmu: string) => reader.cpuList(`/sys/devices/${pmu}/cpus`)?.intersection(online);
  const fast = cpusOf('cpu_core');
  const slow = unionOf([cpusOf('cpu_atom'), cpusOf('cpu_lowpower')].flatMap(cpus => cpus ?? []));
  return fast === undefined || fast.isEmpty || slow.isEmpty ? null : slow;
}

function slowByCapacity(reader: SysfsReader, { online }: KindInput): CpuSet | null {
  const capacities = readEach(reader, online, 'cpu_capacity');
  if (capacities === null) return null;
  const threshold = Math.max(...capacities.values()) * SAME_KIND_SHARE;
  return online.filter(cpu => (capacities.get(cpu) ?? 0) < threshold);
}

/**
 * `highest_perf` is a ranking, not a kind: like cores of one AMD die differ by a quarter (preferred cores), and the dense cores of
 * newer ones overlap with them. It decides only where the numbers of threads draw the same line: every core with one thread ranks
 * clearly below every core with two. An offline sibling would fake such a core, so all CPUs must be online.
 */
function slowByCppc(reader: SysfsReader, { present, online, cores }: KindInput): CpuSet | null {
  const single = unionOf(cores.filter(core => core.size === 1));
  const threaded = online.difference(single);
  if (single.isEmpty || threaded.isEmpty || !present.equals(online)) return null;
  const ranks = readEach(reader, online, 'acpi_cppc/highest_perf');
  if (ranks === null) return null;
  const rankOf = (cpu: CpuId): number => ranks.get(cpu) ?? 0;
  const isClear = Math.max(...single.ids.map(rankOf)) < Math.min(...threaded.ids.map(rankOf)) * SAME_KIND_SHARE;
  return isClear ? single : null;
}

/** One number of every CPU; null as soon as one lacks it. */
function readEach(reader: SysfsReader, cpus: CpuSet, file: string): ReadonlyMap<CpuId, number> | null {
  const values = new Map<CpuId, number>();
  for (const cpu of cpus) {
    const value = reader.integer(`${CPU_ROOT}/cpu${cpu}/${file}`);
    if (value === null) return null;
    values.set(cpu, value);
  }
  return values;
}
