// LLC domains: which CPUs share the last-level cache.
import { ParseError } from '#domain/errors.ts';
import type { LlcDomain, Package } from '#domain/host-topology.ts';
import { encodeIdList } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';
import { type CpuId, llcId } from '#domain/ids.ts';
import { markLargeCaches } from '#domain/large-cache.ts';
import { CPU_ROOT } from './parse-cpu-states.ts';
import { makePartition } from './partition.ts';
import { numberedEntries, type SysfsReader } from './sysfs-reader.ts';

/** Ascending by id. CPUs without cache directories are in no domain; of the packages it is told which caches stand side by side. */
export function parseLlcs(reader: SysfsReader, online: CpuSet, packages: readonly Package[]): readonly LlcDomain[] {
  const lastLevels = new Map<CpuId, LastLevel>();
  const { groups, unread, contradictions } = makePartition(online, cpu => {
    const lastLevel = findLastLevel(reader, cpu);
    if (!lastLevel) return null;
    lastLevels.set(cpu, lastLevel);
    return reader.firstCpuSet(lastLevel.path, ['shared_cpu_list', 'shared_cpu_map']);
  });
  for (const { cpu, reason } of contradictions) {
    reader.note(lastLevels.get(cpu)?.path ?? `${CPU_ROOT}/cpu${cpu}/cache`, reason);
  }
  if (unread.first !== undefined) {
    const reason = `the kernel shows no caches of CPUs ${encodeIdList(unread)}`;
    reader.note(`${CPU_ROOT}/cpu${unread.first}/cache`, reason);
  }
  const domains = groups.flatMap(cpus => {
    const first = cpus.first;
    const lastLevel = first === undefined ? undefined : lastLevels.get(first);
    if (first === undefined || !lastLevel) return [];
    return [{ id: llcId(first), cpus, level: lastLevel.level, sizeKiB: cacheSize(reader, lastLevel.path) }];
  });
  return markLargeCaches(domains, packages);
}

interface LastLevel {
  readonly path: string;
  readonly level: number;
}

/** The unified or data cache with the highest level: index numbers tell nothing. */
function findLastLevel(reader: SysfsReader, cpu: CpuId): LastLevel | null {
  const root = `${CPU_ROOT}/cpu${cpu}/cache`;
  let last: LastLevel | null = null;
  for (const index of numberedEntries(reader.list(root), 'index')) {
    const path = `${root}/index${index}`;
    const level = reader.integer(`${path}/level`);
    if (level === null || level <= (last?.level ?? 0)) continue;
    if (reader.text(`${path}/type`)?.trim() !== 'Instruction') last = { path, level };
  }
  return last;
}

/** `20480K`. @throws ParseError naming the file. */
function cacheSize(reader: SysfsReader, cachePath: string): number | null {
  return reader.parse(`${cachePath}/size`, text => {
    const match = /^(\d+)K\n?$/.exec(text);
    if (!match) throw new ParseError(`Cannot parse cache size "${text.trimEnd()}": expected kibibytes such as 20480K`);
    return Number(match[1]);
  });
}
