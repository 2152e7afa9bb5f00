// Interrupts of devices, and the CPUs that may serve them.
import { type CpuSet, unionOf } from './id-set.ts';
import type { CpuId, VmId } from './ids.ts';
import type { GuestPlacement } from './placement.ts';

/** One interrupt of a device; devices of today have many, one for each queue. */
export interface InterruptVector {
  readonly irq: number;
  /** Of its driver or queue, such as `nvme0q3` or `vfio-msix[0](0000:01:00.0)`. */
  readonly name: string;
  /** `smp_affinity_list`: the CPUs that the kernel may choose from. */
  readonly cpus: CpuSet;
  /** The kernel places it itself, and takes no other CPUs for it: a *managed* interrupt, a queue for each CPU. */
  readonly fixed: boolean;
}

/** The interrupts of the host's own devices. */
export interface HostInterrupts {
  readonly vectors: readonly InterruptVector[];
  /** `default_smp_affinity`: what vectors get that appear later. */
  readonly forNew: CpuSet;
}

/** Interrupts of a VM's passthrough devices belong to the VM: where its vCPUs are. Null where it has no CPUs of its own choice. */
export function guestInterruptCpus(placed: GuestPlacement, online: CpuSet): CpuSet | null {
  if (placed.class === 'shared') return null;
  const cpus = unionOf(placed.vcpus).intersection(online);
  return cpus.isEmpty ? null : cpus;
}

/** Where a vector of the host may be served: where it is now, without the CPUs of guests; the host's own where nothing is left. */
export function hostInterruptCpus(
  now: CpuSet,
  { reserved, housekeeping, online }: { reserved: ReadonlyMap<CpuId, VmId>; housekeeping: CpuSet; online: CpuSet },
): CpuSet {
  const left = now.filter(cpu => !reserved.has(cpu));
  return left.intersection(online).isEmpty ? housekeeping.intersection(online) : left;
}
