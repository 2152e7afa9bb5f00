// The CPUs to which somebody meant to bind a VM.
import type { CpuSet } from '#domain/id-set.ts';
import { ownCpus } from '#domain/placement.ts';
import { parseAffinity } from '#proxmox/cpuset.ts';
import type { DoctorView, ExaminedVm } from './doctor-view.ts';

/**
 * Of a dedicated guest those of its vCPUs, whatever wider mask its config starts it with; of a guest that is not placed its `affinity`.
 * Null for everybody else: a guest that Berth only keeps off others' CPUs is not pinned.
 */
export function pinnedCpus({ guest, next }: ExaminedVm, { inventory }: DoctorView): CpuSet | null {
  const placed = inventory.placement?.guests.find(({ vmid }) => vmid === guest.vmid);
  if (placed !== undefined) return placed.class === 'dedicated' ? ownCpus(placed) : null;
  const view = parseAffinity(next.get('affinity') ?? '');
  return view.kind === 'set' ? view.cpus.intersection(inventory.topology.online) : null;
}
