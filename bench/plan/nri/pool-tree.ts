// The tree of pools that nri-plugins make of a machine: all of it, packages, NUMA nodes, last-level caches.
import type { HostTopology } from '#domain/host-topology.ts';
import type { CpuSet } from '#domain/id-set.ts';

export interface Pool {
  readonly cpus: CpuSet;
  /** 0 at the root. */
  readonly depth: number;
  readonly children: readonly Pool[];
}

/** Levels that split nothing are left out, as are dies. */
export function makePoolTree({ online, packages, nodes, llcs }: HostTopology): Pool {
  const levels = [packages, nodes, llcs].map(units => units.map(unit => unit.cpus));
  return makePool(online, 0, levels);
}

function makePool(cpus: CpuSet, depth: number, levels: readonly (readonly CpuSet[])[]): Pool {
  const [level, ...below] = levels;
  if (level === undefined) return { cpus, depth, children: [] };
  const parts = level.map(part => part.intersection(cpus)).filter(part => !part.isEmpty);
  if (parts.length < 2) return makePool(cpus, depth, below);
  return { cpus, depth, children: parts.map(part => makePool(part, depth + 1, below)) };
}

/** The pool and all below it, each before its children. */
export const poolsUnder = (pool: Pool): readonly Pool[] => [pool, ...pool.children.flatMap(poolsUnder)];
