// The CPUs that guests of either kind have for themselves, and whose each is.
import { type CpuSet, unionOf } from '#domain/id-set.ts';
import type { VmId } from '#domain/ids.ts';
import { ownCpus } from '#domain/placement.ts';
import type { DoctorView } from './doctor-view.ts';
import { exclusiveCpus } from './exclusive-cpus.ts';

export interface Owner {
  readonly vmid: VmId;
  readonly cpus: CpuSet;
}

/** VMs by `exclusiveCpus`; containers that are dedicated in the placement in force. */
export function cpuOwners(view: DoctorView): readonly Owner[] {
  const vms = view.vms.map(vm => ({ vmid: vm.guest.vmid, cpus: exclusiveCpus(vm, view) }));
  const containers = view.inventory.placement?.guests.filter(({ kind }) => kind === 'container') ?? [];
  return [...vms, ...containers.map(placed => ({ vmid: placed.vmid, cpus: ownCpus(placed) }))].flatMap(
    ({ vmid, cpus }) => (cpus === null || cpus.isEmpty ? [] : [{ vmid, cpus }]),
  );
}

export const takenCpus = (view: DoctorView): CpuSet => unionOf(cpuOwners(view).map(({ cpus }) => cpus));

/** Online CPUs that no guest has for itself. */
export const sharedCpus = (view: DoctorView): CpuSet => view.inventory.topology.online.difference(takenCpus(view));
