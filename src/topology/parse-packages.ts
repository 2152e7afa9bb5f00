// Packages: the processors that one takes into one's hand.
import type { Package } from '#domain/host-topology.ts';
import { encodeIdList } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';
import { type PackageId, packageId } from '#domain/ids.ts';
import { CPU_ROOT } from './parse-cpu-states.ts';
import { makePartition } from './partition.ts';
import type { SysfsReader } from './sysfs-reader.ts';

/** Newest name first; `core_siblings` is the old, misleading name of the same set. */
const NAMES = ['package_cpus_list', 'core_siblings_list', 'package_cpus', 'core_siblings'];

/** Ascending by id. CPUs of which nothing is said form one package. */
export function parsePackages(reader: SysfsReader, online: CpuSet): readonly Package[] {
  const { groups, unread, contradictions } = makePartition(online, cpu =>
    reader.firstCpuSet(`${CPU_ROOT}/cpu${cpu}/topology`, NAMES),
  );
  for (const { cpu, reason } of contradictions) {
    reader.note(`${CPU_ROOT}/cpu${cpu}/topology`, `package: ${reason}`);
  }
  if (unread.first !== undefined) {
    const reason = `no package for CPUs ${encodeIdList(unread)}: they count as one package`;
    reader.note(`${CPU_ROOT}/cpu${unread.first}/topology`, reason);
  }
  const sets = unread.isEmpty ? groups : [...groups, unread];
  return namePackages(reader, sets).sort((a, b) => a.id - b.id);
}

/** The kernel's id where it has a usable one; where it says -1, nothing, or the same twice, the lowest free number. */
function namePackages(reader: SysfsReader, sets: readonly CpuSet[]): Package[] {
  const claimed = sets.map(cpus => reader.integer(`${CPU_ROOT}/cpu${cpus.first}/topology/physical_package_id`));
  const used = new Set<number>();
  const isUsable = (id: number | null, index: number): boolean =>
    id !== null && id >= 0 && claimed.indexOf(id) === index;
  claimed.forEach((id, index) => {
    if (id !== null && isUsable(id, index)) used.add(id);
  });
  return sets.map((cpus, index) => {
    const id = claimed[index] ?? null;
    return { id: isUsable(id, index) ? packageId(id ?? 0) : lowestFree(used), cpus };
  });
}

function lowestFree(used: Set<number>): PackageId {
  let id = 0;
  while (used.has(id)) id++;
  used.add(id);
  return packageId(id);
}
