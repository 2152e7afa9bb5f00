// The CPUs that a VM is held to, however that was done, and the nodes that they are on.
import type { HostTopology } from '#domain/host-topology.ts';
import { type CpuSet, type NodeSet, nodeSet, unionOf } from '#domain/id-set.ts';
import type { DoctorView, ExaminedVm } from './doctor-view.ts';
import { pinnedCpus } from './pinned-cpus.ts';

/** As `pinnedCpus`; of a VM that nobody has placed also the masks that its vCPUs were given while it runs. */
export function heldCpus(vm: ExaminedVm, view: DoctorView): CpuSet | null {
  const pinned = pinnedCpus(vm, view);
  if (pinned !== null || isPlaced(vm, view)) return pinned;
  const vcpus = vm.guest.runtime?.threads.filter(({ role }) => role.kind === 'vcpu') ?? [];
  const masks = unionOf(vcpus.map(({ allowed }) => allowed));
  const { online } = view.inventory.topology;
  return masks.isEmpty || online.isSubsetOf(masks) ? null : masks;
}

export const isPlaced = ({ guest }: ExaminedVm, { inventory }: DoctorView): boolean =>
  inventory.placement?.guests.some(({ vmid }) => vmid === guest.vmid) ?? false;

export const nodesOf = (cpus: CpuSet, { nodes }: HostTopology): NodeSet =>
  nodeSet(nodes.filter(node => !node.cpus.isDisjointFrom(cpus)).map(({ id }) => id));

/** Nodes that have memory and no CPUs: whoever uses one has chosen memory that is near to nobody. */
export const memoryOnlyNodes = ({ nodes }: HostTopology): NodeSet =>
  nodeSet(nodes.filter(({ cpus }) => cpus.isEmpty).map(({ id }) => id));
