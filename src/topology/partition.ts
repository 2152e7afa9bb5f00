// Divides the online CPUs into groups by what the kernel says each CPU shares.
import { encodeIdList } from '#domain/id-list.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import type { CpuId } from '#domain/ids.ts';

export interface Partition {
  /** Disjoint, ordered by lowest CPU; together with `unread` every online CPU once. */
  readonly groups: readonly CpuSet[];
  /** CPUs for which nothing is said. */
  readonly unread: CpuSet;
  readonly contradictions: readonly Contradiction[];
}

interface Contradiction {
  readonly cpu: CpuId;
  readonly reason: string;
}

/**
 * Asks `readGroup` once per group, in CPU order, so that a group of a hundred CPUs costs one file.
 * Where the answers overlap, the lowest CPU's answer holds and the others keep what is left.
 */
export function makePartition(online: CpuSet, readGroup: (cpu: CpuId) => CpuSet | null): Partition {
  const groups: CpuSet[] = [];
  const unread: CpuId[] = [];
  const contradictions: Contradiction[] = [];
  const taken = new Set<CpuId>();
  for (const cpu of online) {
    if (taken.has(cpu)) continue;
    const named = readGroup(cpu);
    if (named === null) {
      unread.push(cpu);
      taken.add(cpu);
      continue;
    }
    const group = cpuSet([cpu, ...named.filter(other => online.has(other) && !taken.has(other))]);
    const overlap = named.filter(other => taken.has(other));
    if (!overlap.isEmpty) {
      contradictions.push({ cpu, reason: `names CPUs ${encodeIdList(overlap)}, which do not name CPU ${cpu}` });
    } else if (!named.has(cpu)) {
      contradictions.push({ cpu, reason: `names CPUs ${encodeIdList(named) || 'none'} without CPU ${cpu} itself` });
    }
    for (const member of group) taken.add(member);
    groups.push(group);
  }
  return { groups, unread: cpuSet(unread), contradictions };
}

/** The group of each CPU; the first one, should groups overlap. */
export function indexGroups<Group extends { readonly cpus: CpuSet }>(groups: readonly Group[]): Map<CpuId, Group> {
  const index = new Map<CpuId, Group>();
  for (const group of groups) for (const cpu of group.cpus) if (!index.has(cpu)) index.set(cpu, group);
  return index;
}
