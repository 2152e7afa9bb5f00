// The host as the search sees it: groups of equal cores, sets of nodes, and pools of hugepages.
import type { CpuSet } from '#domain/id-set.ts';
import type { CpuId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import { type CoreGroup, makeCoreModel } from './core-groups.ts';
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
  const poolMiB = new Map(
    memory.flatMap(({ node, hugepages }) =>
      [...hugepages].map(([kib, { free }]) => [poolKey(node, kib / 1024), (free * kib) / 1024] as const),
    ),
  );
  const mostGroupsPerCell = Math.max(1, ...perCell);
  const groupOfCpu = new Map(
    cores.groups.flatMap(group => group.cores.flatMap(core => core.cpus.ids.map(cpu => [cpu, group.index] as const))),
  );
  const held = whoHolds(cores.groups, demands);
  return { ...cores, topology, ...makeNodeSets(topology), groupsOfCell, mostGroupsPerCell, groupOfCpu, held, poolMiB };
}

/** By group: on how many of its cores which guest is. */
function whoHolds(groups: readonly CoreGroup[], demands: readonly Demand[]): readonly string[] {
  const guestsOn = new Map<CpuId, number[]>();
  for (const [guest, { present }] of demands.entries()) {
    for (const cpu of present) guestsOn.set(cpu, [...(guestsOn.get(cpu) ?? []), guest]);
  }
  return groups.map(({ cores }) => {
    const coresOf = new Map<number, number>();
    for (const { cpus } of cores) {
      const here = new Set(cpus.ids.flatMap(cpu => guestsOn.get(cpu) ?? []));
      for (const guest of here) coresOf.set(guest, (coresOf.get(guest) ?? 0) + 1);
    }
    return [...coresOf]
      .sort(([a], [b]) => a - b)
      .map(([guest, count]) => `${guest}:${count}`)
      .join();
  });
}
