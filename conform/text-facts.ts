// What sources tell about one machine as comparable lines, and the comparison of what two of them both tell.
import type { HostTopology } from '#domain/host-topology.ts';
import { encodeIdList } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';
import type { PastedTopology } from '#domain/pasted-topology.ts';

export interface TextCase {
  readonly name: string;
  /** Why it failed; null when all is well. */
  readonly detail: string | null;
}

export interface Facts {
  readonly source: string;
  /** Null where the source does not tell which CPUs are online. */
  readonly online: CpuSet | null;
  /** Null facts are not told. */
  readonly groups: Readonly<Record<'package' | 'core' | 'llc', readonly CpuSet[] | null>>;
  readonly nodes: ReadonlyMap<number, CpuSet | null> | null;
  readonly distances: ReadonlyMap<number, ReadonlyMap<number, number>>;
  readonly memoryMiB: ReadonlyMap<number, number>;
}

/** Of the files, and of texts whose every part is read. */
export function makeFacts(source: string, topology: HostTopology | PastedTopology): Facts {
  const nodes = topology.nodes ?? [];
  const sets = (groups: ReadonlyArray<{ readonly cpus: CpuSet }> | null) =>
    groups === null || groups.length === 0 ? null : groups.map(({ cpus }) => cpus);
  return {
    source,
    online: topology.online,
    groups: { package: sets(topology.packages), core: sets(topology.cores), llc: sets(topology.llcs) },
    nodes: topology.nodes && new Map(nodes.map(({ id, cpus }) => [id, cpus])),
    distances: new Map(nodes.map(({ id, distances }) => [id, distances])),
    memoryMiB: new Map(nodes.flatMap(({ id, memoryMiB }) => (memoryMiB === null ? [] : [[id, memoryMiB]]))),
  };
}

/** One case for each fact that both tell, named `machine fact a/b`. */
export function compareFacts(machine: string, a: Facts, b: Facts): readonly TextCase[] {
  const compared = [
    ...compareOnline(a, b),
    ...(['package', 'core', 'llc'] as const).flatMap(fact => {
      const shown = commonCpus(a, b);
      const [first, second] = [a.groups[fact], b.groups[fact]];
      return first && second ? [{ fact, a: encodeGroups(first, shown), b: encodeGroups(second, shown) }] : [];
    }),
    ...compareNodes(a, b),
  ];
  return compared.map(({ fact, a: ours, b: theirs }) => ({
    name: `${machine} ${fact} ${a.source}/${b.source}`,
    detail: ours === theirs ? null : `${ours} against ${theirs}`,
  }));
}

interface Compared {
  readonly fact: string;
  readonly a: string;
  readonly b: string;
}

/** lstopo shows only the CPUs that the machine's cgroup allowed. */
function compareOnline(a: Facts, b: Facts): readonly Compared[] {
  if (!a.online || !b.online || [a, b].some(({ source }) => source === 'lstopo.xml')) return [];
  return [{ fact: 'online', a: encodeIdList(a.online), b: encodeIdList(b.online) }];
}

function commonCpus(a: Facts, b: Facts): CpuSet | null {
  return a.online && b.online ? a.online.intersection(b.online) : (a.online ?? b.online);
}

/** Order-free text of a partition of the CPUs that both show. */
function encodeGroups(groups: readonly CpuSet[], shown: CpuSet | null): string {
  return groups
    .map(cpus => (shown ? cpus.intersection(shown) : cpus))
    .filter(cpus => !cpus.isEmpty)
    .map(cpus => encodeIdList(cpus))
    .sort((one, other) => Number.parseInt(one, 10) - Number.parseInt(other, 10) || (one < other ? -1 : 1))
    .join(' | ');
}

/** Nodes that only one of them shows, because they have no CPUs or because they are hidden, are left aside. */
function compareNodes(a: Facts, b: Facts): readonly Compared[] {
  if (!a.nodes || !b.nodes) return [];
  const shown = commonCpus(a, b);
  const ids = [...a.nodes.keys()].filter(id => b.nodes?.has(id));
  const cpus = (facts: Facts, id: number): string => {
    const set = facts.nodes?.get(id);
    return set ? `${id}: ${encodeIdList(shown ? set.intersection(shown) : set)}` : '';
  };
  const told = ids.filter(id => a.nodes?.get(id) && b.nodes?.get(id));
  const numa = { fact: 'numa', a: told.map(id => cpus(a, id)).join(' | '), b: told.map(id => cpus(b, id)).join(' | ') };
  return [
    ...(told.length === 0 ? [] : [numa]),
    ...compareNumbers('distances', ids, id => [distancesOf(a, ids, id), distancesOf(b, ids, id)]),
    ...compareNumbers('memory', ids, id => [a.memoryMiB.get(id) ?? null, b.memoryMiB.get(id) ?? null]),
  ];
}

function distancesOf(facts: Facts, ids: readonly number[], id: number): string | null {
  const row = facts.distances.get(id);
  return row === undefined || row.size === 0 ? null : ids.map(to => row.get(to)).join(' ');
}

type Told = string | number | null;

function compareNumbers(
  fact: string,
  ids: readonly number[],
  valuesOf: (id: number) => readonly [Told, Told],
): readonly Compared[] {
  const told = ids.map(id => ({ id, values: valuesOf(id) })).filter(({ values }) => !values.includes(null));
  const encode = (side: 0 | 1): string => told.map(({ id, values }) => `${id}: ${values[side]}`).join(' | ');
  return told.length === 0 ? [] : [{ fact, a: encode(0), b: encode(1) }];
}
