// Which CPUs of a hybrid processor are performance and which are efficiency ones.
import type { CoreKind } from '#domain/host-topology.ts';
import type { CpuSet } from '#domain/id-set.ts';
import type { CpuId } from '#domain/ids.ts';
import { CPU_ROOT } from './parse-cpu-states.ts';
import type { SysfsReader } from './sysfs-reader.ts';

/** Cores within a fifth of the fastest are of its kind: smaller differences are clock bins of like cores. */
const SAME_KIND_SHARE = 0.8;

/**
 * Two sources: the PMUs of Intel hybrids, which name their CPUs, else the kernel's `cpu_capacity` (1024 for the fastest).
 * A machine with one kind only is uniform, whatever the kind.
 */
export function parseCoreKinds(reader: SysfsReader, online: CpuSet): (cpu: CpuId) => CoreKind {
  const performance = reader.cpuList('/sys/devices/cpu_core/cpus')?.intersection(online);
  const efficiency = reader.cpuList('/sys/devices/cpu_atom/cpus')?.intersection(online);
  if (performance && efficiency && !performance.isEmpty && !efficiency.isEmpty) {
    return cpu => (efficiency.has(cpu) ? 'efficiency' : 'performance');
  }
  return kindsByCapacity(reader, online);
}

function kindsByCapacity(reader: SysfsReader, online: CpuSet): (cpu: CpuId) => CoreKind {
  const capacities = new Map<CpuId, number>();
  for (const cpu of online) {
    const capacity = reader.integer(`${CPU_ROOT}/cpu${cpu}/cpu_capacity`);
    if (capacity === null) return () => 'uniform';
    capacities.set(cpu, capacity);
  }
  const threshold = Math.max(...capacities.values()) * SAME_KIND_SHARE;
  const isSlow = (cpu: CpuId): boolean => (capacities.get(cpu) ?? 0) < threshold;
  if (!online.ids.some(isSlow)) return () => 'uniform';
  return cpu => (isSlow(cpu) ? 'efficiency' : 'performance');
}
