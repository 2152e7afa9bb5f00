// Dies and clusters: groups of cores inside a package that the kernel shows beside caches and nodes.
import type { CpuSet } from '#domain/id-set.ts';
import { CPU_ROOT } from './parse-cpu-states.ts';
import { makePartition } from './partition.ts';
import type { SysfsReader } from './sysfs-reader.ts';

/**
 * `die_cpus_list` from Linux 5.2, `cluster_cpus_list` from 5.16. Null on kernels without it.
 * A die is what the processor enumerates: recent kernels show one for each core complex of an EPYC, older ones one for each package.
 */
export function parseGroups(reader: SysfsReader, online: CpuSet, group: 'die' | 'cluster'): readonly CpuSet[] | null {
  const names = [`${group}_cpus_list`, `${group}_cpus`];
  const { groups, contradictions } = makePartition(online, cpu =>
    reader.firstCpuSet(`${CPU_ROOT}/cpu${cpu}/topology`, names),
  );
  for (const { cpu, reason } of contradictions) {
    reader.note(`${CPU_ROOT}/cpu${cpu}/topology`, `${group}: ${reason}`);
  }
  return groups.length === 0 ? null : groups;
}
