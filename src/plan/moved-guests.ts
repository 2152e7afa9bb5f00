// Which guests an arrangement takes away from where they are: the unit in which moves are limited.
import type { HostTopology } from '#domain/host-topology.ts';
import { type CpuSet, unionOf } from '#domain/id-set.ts';
import { type GuestPlacement, ownCpus } from '#domain/placement.ts';
import type { Demand } from './demand.ts';
import type { HostModel, Shape } from './shapes.ts';

/** True when a vCPU leaves its core group, or a confined guest its node or LLC domain. A guest that is nowhere yet does not move. */
export function isMoved(demand: Demand, shape: Shape, host: HostModel): boolean {
  return demand.class === 'dedicated' ? leavingVcpus(demand, shape, host) > 0 : leavesDomain(demand, shape, host);
}

/** The same of a placement. CPUs that are the host's from now on are left in any case. */
export function leavesItsPlace(
  placed: GuestPlacement,
  { present, presentNodes, vcpus }: Demand,
  { topology, housekeeping }: { topology: HostTopology; housekeeping: CpuSet },
): boolean {
  if (placed.class !== 'dedicated') return [...presentNodes].some(node => !placed.nodes.has(node));
  const own = ownCpus(placed);
  const before = present.difference(housekeeping);
  if (present.isEmpty || present.isSubsetOf(own)) return false;
  const kept = alikeCpus(topology).reduce(
    (sum, cpus) => sum + Math.min(cpus.intersection(before).size, cpus.intersection(own).size),
    0,
  );
  return kept < Math.min(vcpus, present.size);
}

/** The CPUs of each kind of core in each cache: between these nobody notices a move. */
function alikeCpus({ cores }: HostTopology): readonly CpuSet[] {
  const alike = new Map<string, CpuSet[]>();
  for (const { node, llc, kind, cpus } of cores) {
    const key = `${node}/${llc}/${kind}/${cpus.size}`;
    alike.set(key, [...(alike.get(key) ?? []), cpus]);
  }
  return [...alike.values()].map(unionOf);
}

/** vCPUs of a dedicated guest that leave their core group. */
export function leavingVcpus({ present, vcpus: all }: Demand, { parts }: Shape, { groupOfCpu }: HostModel): number {
  if (present.isEmpty) return 0;
  let kept = 0;
  for (const { group, vcpus } of parts) {
    let here = 0;
    for (const cpu of present.ids) if (groupOfCpu.get(cpu) === group.index) here++;
    kept += Math.min(vcpus, here);
  }
  return Math.max(0, Math.min(all, present.size) - kept);
}

/** CPUs that it is on now, by core group; those that may not be dedicated have none. */
export function countByGroup(
  { present }: Pick<Demand, 'present'>,
  { groupOfCpu }: HostModel,
): ReadonlyMap<number | undefined, number> {
  const counts = new Map<number | undefined, number>();
  for (const cpu of present.ids) counts.set(groupOfCpu.get(cpu), (counts.get(groupOfCpu.get(cpu)) ?? 0) + 1);
  return counts;
}

function leavesDomain({ presentNodes, present, span }: Demand, shape: Shape, host: HostModel): boolean {
  if (presentNodes.size === 0) return false;
  const leavesNode = ![...presentNodes].every(node => shape.nodes.includes(node));
  const leavesCell = shape.cells.every(cell => host.cells[cell]?.cpus.isDisjointFrom(present) ?? true);
  return leavesNode || (span === 'llc' && leavesCell);
}
