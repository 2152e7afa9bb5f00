// Thread siblings: which CPUs are threads of one core.
import { encodeIdList } from '#domain/id-list.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import type { CpuId } from '#domain/ids.ts';
import { CPU_ROOT } from './parse-cpu-states.ts';
import { makePartition } from './partition.ts';
import type { SysfsReader } from './sysfs-reader.ts';

/** Newest name first. `core_siblings` is no name for this: it lists a whole package. */
const NAMES = ['core_cpus_list', 'thread_siblings_list', 'core_cpus', 'thread_siblings'];

/** The CPUs of each core, ordered by lowest CPU. A CPU of which nothing is said counts as a core of its own. */
export function parseCores(reader: SysfsReader, online: CpuSet): readonly CpuSet[] {
  const siblings = new Map<CpuId, CpuSet | null>();
  for (const cpu of online) {
    const named = reader.firstCpuSet(topologyPath(cpu), NAMES);
    siblings.set(cpu, named);
  }
  const { groups, unread, contradictions } = makePartition(online, cpu => siblings.get(cpu) ?? null);
  for (const { cpu, reason } of contradictions) reader.note(topologyPath(cpu), `thread siblings: ${reason}`);
  for (const core of groups) noteOneSided(reader, core, siblings, online);
  if (unread.first !== undefined) {
    const reason = `no thread siblings for CPUs ${encodeIdList(unread)}: each counts as a core of its own`;
    reader.note(topologyPath(unread.first), reason);
  }
  return [...groups, ...unread.ids.map(cpu => cpuSet([cpu]))].sort((a, b) => (a.first ?? 0) - (b.first ?? 0));
}

/** A core is believed on its lowest CPU's word; another thread that says otherwise is reported. */
function noteOneSided(
  reader: SysfsReader,
  core: CpuSet,
  siblings: ReadonlyMap<CpuId, CpuSet | null>,
  online: CpuSet,
): void {
  for (const cpu of core.ids.slice(1)) {
    const named = siblings.get(cpu)?.intersection(online);
    if (!named || named.equals(core)) continue;
    const reason = `thread siblings: CPU ${core.first} names ${encodeIdList(core)}, CPU ${cpu} names ${encodeIdList(named)}`;
    reader.note(topologyPath(cpu), reason);
  }
}

const topologyPath = (cpu: CpuId): string => `${CPU_ROOT}/cpu${cpu}/topology`;
