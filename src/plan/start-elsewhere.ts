// Guests that would not start on another node of the cluster, because their configs name CPUs or nodes of this one.
import { type Finding, finding } from '#domain/finding.ts';
import type { HostTopology } from '#domain/host-topology.ts';
import type { GuestPlacement, Placement } from '#domain/placement.ts';

/** What another node has published of itself. */
export interface NodeTopology {
  readonly node: string;
  readonly topology: HostTopology;
}

/** One finding for each node that is too small, or numbered otherwise. */
export function startsElsewhere({ guests }: Placement, elsewhere: readonly NodeTopology[]): readonly Finding[] {
  return elsewhere.flatMap(({ node, topology }) => {
    const stuck = guests.filter(guest => guest.config !== 'runtime' && !canStart(guest, topology));
    return stuck.length === 0
      ? []
      : [finding('advice-start-elsewhere', 'warning', { vmids: stuck.map(({ vmid }) => vmid), node })];
  });
}

/** `taskset` fails only when none of its CPUs is there, a container's cpuset when one is not; Proxmox refuses a host node that is not there. */
function canStart({ kind, affinity, memory }: GuestPlacement, { online, nodes }: HostTopology): boolean {
  const hasCpus = affinity.isEmpty || (kind === 'vm' ? !affinity.isDisjointFrom(online) : affinity.isSubsetOf(online));
  const ids = new Set(nodes.map(({ id }) => id));
  return hasCpus && (memory?.parts ?? []).every(({ hostNode }) => ids.has(hostNode));
}
