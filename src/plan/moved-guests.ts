// Which guests an arrangement takes away from where they are: the unit in which moves are limited.
import { type GuestPlacement, ownCpus } from '#domain/placement.ts';
import type { Demand } from './demand.ts';
import type { HostModel, Shape } from './shapes.ts';

/** True when a vCPU leaves its core group, or a confined guest its node or LLC domain. A guest that is nowhere yet does not move. */
export function isMoved(demand: Demand, shape: Shape, host: HostModel): boolean {
  return demand.class === 'dedicated' ? leavingVcpus(demand, shape, host) > 0 : leavesDomain(demand, shape, host);
}

/** The same of a placement, CPU by CPU: true when a guest does not keep all the CPUs, or the nodes, that it has. */
export function leavesItsPlace(placed: GuestPlacement, { present, presentNodes }: Demand): boolean {
  if (placed.class === 'dedicated') return !present.isEmpty && !present.isSubsetOf(ownCpus(placed));
  return [...presentNodes].some(node => !placed.nodes.has(node));
}

/** vCPUs of a dedicated guest that leave their core group. */
export function leavingVcpus(demand: Demand, shape: Shape, host: HostModel): number {
  if (demand.present.isEmpty) return 0;
  const present = countByGroup(demand, host);
  const kept = shape.parts.reduce((sum, { group, vcpus }) => sum + Math.min(vcpus, present.get(group.index) ?? 0), 0);
  return Math.max(0, Math.min(demand.vcpus, demand.present.size) - kept);
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
