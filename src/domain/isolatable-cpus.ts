// Which dedicated CPUs can be kept clear from the boot on, and which cannot.
import type { LeftCpus } from './boot-isolation.ts';
import type { HostTopology } from './host-topology.ts';
import { type CpuSet, cpuSet, unionOf } from './id-set.ts';
import type { VmId } from './ids.ts';
import { ownCpus, type Placement, partitionCpus, reservedCpus } from './placement.ts';

/**
 * The cores of which dedicated VMs have every CPU, idle siblings included, but for that of the boot CPU; with the VMs that they are for.
 * Without a placement there are none.
 */
export function isolatableCpus(
  placement: Placement | null,
  topology: HostTopology,
): { readonly cpus: CpuSet; readonly vmids: readonly VmId[]; readonly leftCpus: readonly LeftCpus[] } {
  if (placement === null) return { cpus: cpuSet(), vmids: [], leftCpus: [] };
  const reserved = reservedCpus(placement, topology);
  const dedicated = placement.guests.filter(guest => guest.class === 'dedicated');
  const owned = dedicated.map(guest => ({ vmid: guest.vmid, cpus: partitionCpus(guest, reserved) }));
  const all = unionOf(owned.map(({ cpus }) => cpus));
  const { first } = topology.online;
  const whole = topology.cores.filter(core => core.cpus.isSubsetOf(all));
  const bootCore = unionOf(whole.filter(core => first !== undefined && core.cpus.has(first)).map(core => core.cpus));
  const cpus = unionOf(whole.map(core => core.cpus)).difference(bootCore);
  const shared = all.difference(cpus).difference(bootCore);
  const ownersOf = (some: CpuSet) => owned.filter(one => !one.cpus.isDisjointFrom(some)).map(({ vmid }) => vmid);
  const containers = dedicated.filter(({ kind }) => kind === 'container');
  const left: readonly LeftCpus[] = [
    { cpus: bootCore, vmids: ownersOf(bootCore), why: 'boot-core' },
    { cpus: shared, vmids: ownersOf(shared), why: 'shared-core' },
    { cpus: unionOf(containers.map(ownCpus)), vmids: containers.map(({ vmid }) => vmid), why: 'container' },
  ];
  return { cpus, vmids: ownersOf(cpus), leftCpus: left.filter(one => !one.cpus.isEmpty) };
}
