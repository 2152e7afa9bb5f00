// CPUs of an lscpu table, grouped into packages, cores, LLC domains and NUMA nodes.
import type { LlcDomain, Package } from '#domain/host-topology.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import { type CpuId, coreId, cpuId, llcId, type NumaNodeId, numaNodeId, packageId } from '#domain/ids.ts';
import type { PastedCore, PastedTool } from '#domain/pasted-topology.ts';
import type { LscpuRow } from './lscpu-row.ts';
import { indexGroups } from './partition.ts';
import { failAt } from './pasted-lines.ts';
import type { PastedParts } from './pasted-parts.ts';

/** @throws ParseError when a CPU has two rows, or none is there. */
export function makeTopologyFromRows(
  tool: PastedTool,
  rows: readonly LscpuRow[],
  columns: readonly string[],
): PastedParts {
  checkRows(rows);
  const table = new LscpuTable(
    rows,
    columns.map(column => column.toLowerCase()).flatMap(name => name.split(':')),
  );
  const packages = table.packages();
  const llcs = table.llcs();
  const nodes = table.nodes();
  const cores = table.cores({ packages, llcs, nodes });
  return {
    tool,
    present: table.offline.isEmpty ? null : table.online.union(table.offline),
    online: table.onlineIsKnown ? table.online : null,
    model: null,
    packages,
    llcs,
    cores,
    nodes: nodes?.map(({ id, cpus }) => ({ id, cpus, memoryMiB: null, distances: new Map() })) ?? null,
    unknown: table.unknown,
  };
}

function checkRows(rows: readonly LscpuRow[]): void {
  const lines = new Map<number, number>();
  for (const { cpu, line } of rows) {
    const before = lines.get(cpu);
    if (before !== undefined) failAt(line, `CPU ${cpu} has a row already, line ${before}: are these two outputs?`);
    lines.set(cpu, line);
  }
  if (rows.length === 0) failAt(1, 'The table has no rows');
}

interface Domains {
  readonly packages: readonly Package[] | null;
  readonly llcs: readonly LlcDomain[] | null;
  readonly nodes: ReadonlyArray<{ readonly id: NumaNodeId; readonly cpus: CpuSet }> | null;
}

class LscpuTable {
  readonly online: CpuSet;
  readonly offline: CpuSet;
  readonly onlineIsKnown: boolean;
  readonly unknown: string[] = [];
  readonly #rows: readonly LscpuRow[];
  readonly #columns: readonly string[];

  constructor(rows: readonly LscpuRow[], columns: readonly string[]) {
    const isOffline = (row: LscpuRow): boolean =>
      row.online === false || (row.online === null && (columns.includes('core') || columns.includes('socket')));
    this.#rows = rows.filter(row => !isOffline(row)).sort((a, b) => a.cpu - b.cpu);
    this.#columns = columns;
    this.online = cpuSet(this.#rows.map(row => row.cpu));
    this.offline = cpuSet(rows.filter(isOffline).map(row => row.cpu));
    this.onlineIsKnown = this.#rows.every(row => row.online === true);
    if (!this.onlineIsKnown) this.unknown.push('online CPUs: no column tells which of the CPUs are online');
    if (this.offline.isEmpty) this.unknown.push('present CPUs: lscpu may have left out those that are offline');
    this.unknown.push('model, core kinds, sizes of caches and of memory, distances: not in the table');
  }

  packages(): readonly Package[] | null {
    if (this.#numbersRestart()) return this.#missing(`packages: ${RESTARTED}`);
    return (
      this.#groupBy('packages', 'socket', row => row.values.get('socket'))?.map(({ key, cpus }) => ({
        id: packageId(Number(key)),
        cpus,
      })) ?? null
    );
  }

  nodes(): Domains['nodes'] {
    const groups = this.#groupBy('NUMA nodes', 'node', row => row.values.get('node'));
    if (groups) this.unknown.push('NUMA nodes without CPUs: not in the table');
    return groups?.map(({ key, cpus }) => ({ id: numaNodeId(Number(key)), cpus })) ?? null;
  }

  /** The unified or data cache of the highest level that each CPU has. */
  llcs(): readonly LlcDomain[] | null {
    const caches = this.#columns.filter(column => /^l\d+d?$/.test(column)).sort();
    if (caches.length === 0) return this.#missing('LLC domains: the table has no column of caches');
    const shifted = this.#rows.find(row => !row.cachesKnown);
    if (shifted) {
      return this.#missing(
        `LLC domains: line ${shifted.line} has fewer caches than the header, and does not say which`,
      );
    }
    const lastLevel = (row: LscpuRow): string | undefined => caches.findLast(cache => row.values.has(cache));
    const groups = this.#group(row => {
      const cache = lastLevel(row);
      return cache === undefined ? undefined : `${cache} ${row.values.get(cache)}`;
    });
    return (
      (groups.groups.length === 0
        ? null
        : groups.groups.map(({ key, first, cpus }) => ({
            id: llcId(first),
            cpus,
            level: Number(/\d+/.exec(key)?.[0]),
            sizeKiB: null,
          }))) ?? this.#missing('LLC domains: no CPU has a cache in the table')
    );
  }

  /** Core numbers may start again in each socket or node. */
  cores({ packages, llcs, nodes }: Domains): readonly PastedCore[] | null {
    if (this.#numbersRestart()) return this.#missing(`cores: ${RESTARTED}`);
    const groups = this.#groupBy('cores', 'core', coreKey);
    const packageOf = indexGroups(packages ?? []);
    const llcOf = indexGroups(llcs ?? []);
    const nodeOf = indexGroups(nodes ?? []);
    return (
      groups?.map(({ first, cpus }) => ({
        id: coreId(first),
        cpus,
        package: packageOf.get(first)?.id ?? null,
        llc: llcOf.get(first)?.id ?? null,
        node: nodeOf.get(first)?.id ?? null,
        kind: null,
      })) ?? null
    );
  }

  /** Threads of one core share its L2 and L3. */
  #numbersRestart(): boolean {
    const known = this.#rows.filter(row => row.cachesKnown && coreKey(row) !== undefined);
    return ['l2', 'l3'].some(cache => {
      const cacheOf = new Map<string | undefined, string | undefined>();
      return known.some(row => {
        const before = cacheOf.get(coreKey(row));
        cacheOf.set(coreKey(row), row.values.get(cache));
        return before !== undefined && before !== row.values.get(cache);
      });
    });
  }

  #groupBy(what: string, column: string, keyOf: (row: LscpuRow) => string | undefined): readonly Group[] | null {
    if (!this.#columns.includes(column))
      return this.#missing(`${what}: the table has no ${column.toUpperCase()} column`);
    const { groups, without } = this.#group(keyOf);
    if (without === undefined) return groups;
    return this.#missing(`${what}: the table does not say, line ${without.line}`);
  }

  #group(keyOf: (row: LscpuRow) => string | undefined): { groups: readonly Group[]; without: LscpuRow | undefined } {
    const members = new Map<string, number[]>();
    for (const row of this.#rows) {
      const key = keyOf(row);
      if (key === undefined) continue;
      const found = members.get(key);
      if (found) found.push(row.cpu);
      else members.set(key, [row.cpu]);
    }
    const groups = [...members].map(([key, cpus]) => ({ key, first: cpuId(cpus[0] ?? 0), cpus: cpuSet(cpus) }));
    return { groups, without: this.#rows.find(row => keyOf(row) === undefined) };
  }

  #missing(reason: string): null {
    this.unknown.push(reason);
    return null;
  }
}

/** Seen on machines with unlike processors. */
const RESTARTED = 'CPUs with one core number have different caches: lscpu numbers each processor type anew';

function coreKey({ values }: LscpuRow): string | undefined {
  const core = values.get('core');
  return core && [values.get('socket'), values.get('node'), core].join();
}

interface Group {
  readonly key: string;
  /** Lowest CPU. */
  readonly first: CpuId;
  readonly cpus: CpuSet;
}
