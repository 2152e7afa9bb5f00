// The host as the search sees it: groups of equal cores, sets of nodes, and pools of hugepages.
import type { CpuSet } from '#domain/id-set.ts';
import type { Inventory } from '#domain/inventory.ts';
import { makeCoreModel } from './core-groups.ts';
import type { Demand } from './demand.ts';
import { poolKey } from './guest-memory.ts';
import { makeNodeSets } from './node-sets.ts';
import type { HostModel } from './shapes.ts';

/** @param demands The guests whose present cores make groups unlike each other. */
export function makeHostModel(
  { topology, memory }: Inventory,
  housekeeping: CpuSet,
  demands: readonly Demand[],
): HostModel {
  const cores = makeCoreModel(topology, housekeeping);
  const groupsOfCell = cores.cells.map(cell => cores.groups.filter(group => group.cell === cell.index));
  const perCell = groupsOfCell.flatMap(groups =>
    groups.map(({ kind }) => groups.filter(other => other.kind === kind).length),
  );
  const held = cores.groups.map(group =>
    demands.map(demand => group.cores.filter(core => !core.cpus.isDisjointFrom(demand.present)).length).join(','),
  );
  const poolMiB = new Map(
    memory.flatMap(({ node, hugepages }) =>
      [...hugepages].map(([kib, { free }]) => [poolKey(node, kib / 1024), (free * kib) / 1024] as const),
    ),
  );
  const mostGroupsPerCell = Math.max(1, ...perCell);
  const groupOfCpu = new Map(
    cores.groups.flatMap(group => group.cores.flatMap(core => core.cpus.ids.map(cpu => [cpu, group.index] as const))),
  );
  return { ...cores, topology, ...makeNodeSets(topology), groupsOfCell, mostGroupsPerCell, groupOfCpu, held, poolMiB };
}
