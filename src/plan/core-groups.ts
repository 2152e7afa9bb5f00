// Cores that are as good as each other: same node, cache, kind and number of threads, isolated by the kernel or not. The search counts within groups and picks cores last.
import type { Core, CoreKind, HostTopology } from '#domain/host-topology.ts';
import type { CpuSet } from '#domain/id-set.ts';
import { type LlcId, type NumaNodeId, numaNodeId } from '#domain/ids.ts';

export interface CoreGroup {
  readonly index: number;
  readonly node: NumaNodeId;
  /** Index of the cache cell: one per LLC domain and node; where the kernel shows no caches, one per node. */
  readonly cell: number;
  readonly kind: CoreKind;
  readonly threads: number;
  /** Threads of each core on which confined guests could run: those that the kernel does not isolate. */
  readonly openThreads: number;
  /** Cores that may be dedicated, ascending; the boot core last, since nobody is better off there. */
  readonly cores: readonly Core[];
}

/** A last-level cache within a node, with all its CPUs that guests may use: housekeeping too, kernel-isolated not. */
export interface CacheCell {
  readonly index: number;
  readonly node: NumaNodeId;
  /** Null where the kernel shows no caches. */
  readonly llc: LlcId | null;
  readonly cpus: CpuSet;
  /** A large cache beside smaller ones. */
  readonly isLarge: boolean;
}

export interface CoreModel {
  readonly groups: readonly CoreGroup[];
  readonly cells: readonly CacheCell[];
}

export function makeCoreModel(topology: HostTopology, housekeeping: CpuSet): CoreModel {
  const nodeOf = (core: Core) => core.node ?? numaNodeId(0);
  const isBoot = ({ cpus }: Core) => Number(cpus.first === topology.online.first);
  const openThreads = ({ cpus }: Core) => cpus.difference(topology.isolated).size;
  const inOrder = [...topology.cores].sort((a, b) => nodeOf(a) - nodeOf(b) || a.id - b.id);
  const byCell = groupBy(inOrder, core => `${nodeOf(core)}/${core.llc ?? 'none'}`);
  const cells = byCell.map(([first, ...rest], index): CacheCell & { cores: readonly Core[] } => {
    const cores = [first, ...rest];
    const cpus = topology.online.filter(cpu => cores.some(core => core.cpus.has(cpu)) && !topology.isolated.has(cpu));
    const isLarge = topology.llcs.some(llc => llc.id === first.llc && llc.large === true);
    return { index, node: nodeOf(first), llc: first.llc, cpus, isLarge, cores };
  });
  const groups = cells.flatMap(cell =>
    groupBy(
      cell.cores.filter(core => core.cpus.isDisjointFrom(housekeeping)),
      core => `${core.kind}/${core.cpus.size}/${openThreads(core)}`,
    ).map(([first, ...rest]) => ({
      node: cell.node,
      cell: cell.index,
      kind: first.kind,
      threads: first.cpus.size,
      openThreads: openThreads(first),
      cores: [first, ...rest].sort((a, b) => isBoot(a) - isBoot(b)),
    })),
  );
  return {
    groups: groups.map((group, index) => ({ index, ...group })),
    cells: cells.map(({ cores: _, ...cell }) => cell),
  };
}

/** Non-empty groups in order of first appearance. */
function groupBy<Item>(items: readonly Item[], key: (item: Item) => string): [Item, ...Item[]][] {
  const groups = new Map<string, [Item, ...Item[]]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return [...groups.values()];
}
