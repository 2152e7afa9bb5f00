// The CPU allocator of nri-plugins: idle packages, then caches, then cores, then threads.
import type { Core, HostTopology } from '#domain/host-topology.ts';
import { type CpuSet, cpuSet, unionOf } from '#domain/id-set.ts';

/** `count` of the free CPUs; null when there are fewer. Priorities and kinds of cores are left out. */
export function takeCpus(topology: HostTopology, free: CpuSet, count: number): CpuSet | null {
  if (count > free.size) return null;
  let taken = cpuSet();
  for (const { cpus } of topology.packages) {
    if (cpus.isSubsetOf(free) && cpus.size <= count - taken.size) taken = taken.union(cpus);
  }
  const byCache = takeFromCaches(topology, free.difference(taken), count - taken.size);
  taken = taken.union(byCache);
  return taken.union(takeCores(topology.cores, free.difference(taken), count - taken.size));
}

interface CacheGroup {
  readonly free: CpuSet;
  readonly isIdle: boolean;
  readonly package: CpuSet;
}

/**
 * Idle caches first, the last of them in part, those of the fullest package that suffices alone before others. Then caches in
 * use: one that has exactly the rest, else large ones before small ones. Nothing when no single package has enough.
 */
function takeFromCaches(topology: HostTopology, free: CpuSet, count: number): CpuSet {
  const none = cpuSet();
  if (topology.llcs.length < 2 || count < 2) return none;
  const groups = topology.llcs
    .map(llc => makeGroup(topology, llc.cpus, free))
    .filter(group => !group.free.isEmpty)
    .toSorted((a, b) => rank(a, free, count) - rank(b, free, count));
  const idle = groups.filter(group => group.isIdle);
  const home = (idle[0] ?? groups[0])?.package ?? none;
  if (home.intersection(free).size < count) return none;
  let taken = none;
  for (const group of idle) {
    const needed = count - taken.size;
    if (needed <= 0) break;
    taken = taken.union(group.free.size <= needed ? group.free : takeCores(topology.cores, group.free, needed));
  }
  const used = groups.filter(group => !group.isIdle && group.free.isSubsetOf(home));
  const rest = count - taken.size;
  const exact = used.find(group => group.free.size === rest);
  const inOrder = exact === undefined ? used.toSorted((a, b) => b.free.size - a.free.size) : [exact];
  for (const group of inOrder) taken = taken.union(takeCores(topology.cores, group.free, count - taken.size));
  return taken;
}

function makeGroup({ packages }: HostTopology, cpus: CpuSet, free: CpuSet): CacheGroup {
  const home = packages.filter(({ cpus: all }) => !all.isDisjointFrom(cpus)).map(({ cpus: all }) => all);
  return { free: cpus.intersection(free), isIdle: cpus.isSubsetOf(free), package: unionOf(home) };
}

/** Packages that suffice come first, the tightest of them before all others. */
function rank({ package: home }: CacheGroup, free: CpuSet, count: number): number {
  const has = home.intersection(free).size;
  return has >= count ? has : Number.MAX_SAFE_INTEGER;
}

/** Whole idle cores, then threads of cores in use, then a part of an idle one. */
function takeCores(cores: readonly Core[], free: CpuSet, count: number): CpuSet {
  let taken = cpuSet();
  for (const { cpus } of cores) {
    if (cpus.isSubsetOf(free) && cpus.size <= count - taken.size) taken = taken.union(cpus);
  }
  const isWhole = (core: Core): boolean => core.cpus.isSubsetOf(free);
  const left = [...cores.filter(core => !isWhole(core)), ...cores.filter(isWhole)]
    .flatMap(core => core.cpus.intersection(free).ids)
    .filter(cpu => !taken.has(cpu));
  return taken.union(cpuSet(left.slice(0, Math.max(0, count - taken.size))));
}
