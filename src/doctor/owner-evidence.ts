// What proves that CPUs belong to a guest: the line of its config, or the placement in force.
import type { Evidence } from '#domain/doctor-finding.ts';
import type { CpuSet } from '#domain/id-set.ts';
import type { DoctorView } from './doctor-view.ts';
import { keyEvidence } from './evidence.ts';
import { isPlaced } from './held-cpus.ts';
import { cpuOwners } from './taken-cpus.ts';

export const placementEvidence = ({ inventory }: DoctorView): Evidence => ({
  file: `/etc/pve/berth/nodes/${inventory.node}/placement.json`,
  line: null,
  text: '',
});

/** Of the guests that have any of these CPUs; the placement is named once. */
export function ownerEvidence(view: DoctorView, cpus: CpuSet): readonly Evidence[] {
  const owners = cpuOwners(view).filter(owner => !owner.cpus.isDisjointFrom(cpus));
  const vms = view.vms.filter(({ guest }) => owners.some(({ vmid }) => vmid === guest.vmid));
  const loose = vms.filter(vm => !isPlaced(vm, view));
  return [
    ...(owners.length > loose.length ? [placementEvidence(view)] : []),
    ...loose.flatMap(vm => keyEvidence(vm, ['affinity'])),
  ];
}
