// The CPUs that a VM is meant to have for itself, as far as its config or its placement says so.
import { type CpuSet, unionOf } from '#domain/id-set.ts';
import type { DoctorView, ExaminedVm } from './doctor-view.ts';
import { pinnedCpus } from './pinned-cpus.ts';

/** Of a dedicated guest its own; else an affinity with no more CPUs than the VM has vCPUs: nobody shares so few out of need. */
export function exclusiveCpus(vm: ExaminedVm, view: DoctorView): CpuSet | null {
  const cpus = pinnedCpus(vm, view);
  return cpus === null || cpus.isEmpty || cpus.size > vm.guest.vcpus ? null : cpus;
}

/** VMs with CPUs of their own, ascending by VMID. */
export const exclusiveVms = (view: DoctorView): readonly ExaminedVm[] =>
  view.vms.filter(vm => exclusiveCpus(vm, view) !== null);

export const allExclusiveCpus = (view: DoctorView): CpuSet =>
  unionOf(view.vms.flatMap(vm => exclusiveCpus(vm, view) ?? []));
