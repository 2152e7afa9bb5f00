// The CPUs that a running container must be given back, when it is where the placement in force does not have it.
import type { ContainerRuntime } from '#domain/guest.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import type { CpuId, VmId } from '#domain/ids.ts';
import type { GuestPlacement } from '#domain/placement.ts';

export interface ContainerRepairInput {
  readonly vmid: VmId;
  readonly runtime: ContainerRuntime;
  /** Null for a container that the placement does not know: it is left alone, but kept off others' CPUs. */
  readonly placed: GuestPlacement | null;
  /** As `reservedCpus` gives it. */
  readonly reserved: ReadonlyMap<CpuId, VmId>;
  readonly online: CpuSet;
}

/** Null when it is where it may be, or nothing is left to give it. Proxmox's rebalancer may move shared containers among all other CPUs. */
export function makeContainerRepair({ vmid, runtime, placed, reserved, online }: ContainerRepairInput): CpuSet | null {
  const others = cpuSet([...reserved].filter(([, owner]) => owner !== vmid).map(([cpu]) => cpu));
  const free = online.difference(others);
  const { effective } = runtime;
  if (placed !== null && placed.class !== 'shared') {
    const wanted = placed.affinity.intersection(online);
    return wanted.isEmpty || wanted.equals(effective) ? null : wanted;
  }
  if (effective.isDisjointFrom(others)) return null;
  const own = placed?.affinity.intersection(free) ?? effective.difference(others);
  const after = own.isEmpty ? free : own;
  return after.isEmpty ? null : after;
}
