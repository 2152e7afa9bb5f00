// The rung `confine`: what is left to everything else on the host beside the CPUs of dedicated guests.
import { type CpuSet, cpuSet } from './id-set.ts';
import type { CpuId, VmId } from './ids.ts';

/** Whether the units of a host can be kept off CPUs without the masks of guests being lost. */
export type ConfineSupport = 'possible' | 'no-cgroup2' | 'old-kernel';

/** A systemd unit right below the root that holds no guests, such as `system.slice`; or a cgroup of lxc's own that is no unit. */
export interface HostUnit {
  /** Its name, which is that of its cgroup. */
  readonly unit: string;
  /** `AllowedCPUs=` of its configuration; null without. */
  readonly own: CpuSet | null;
  /** What the kernel was told instead, by us or by somebody else (`systemctl set-property --runtime`); null when nothing. */
  readonly runtime: CpuSet | null;
  /** Where its tasks may run now, by the kernel. */
  readonly effective: CpuSet;
}

/** A service that asks for CPUs by itself. */
export interface UnitWish {
  readonly unit: string;
  readonly key: 'AllowedCPUs' | 'CPUAffinity';
  readonly cpus: CpuSet;
  /** The file that says so. */
  readonly path: string;
}

/** @param reserved as `reservedCpus` gives it. Null: nothing is dedicated, or nothing would be left of what its configuration gives it. */
export function confinedTo(
  { own }: HostUnit,
  { reserved, online }: { readonly reserved: ReadonlyMap<CpuId, VmId>; readonly online: CpuSet },
): CpuSet | null {
  const free = own?.intersection(online) ?? online;
  const left = free.difference(cpuSet(reserved.keys()));
  return left.isEmpty || left.equals(free) ? null : left;
}

/** Null equals null alone. */
export const sameCpus = (a: CpuSet | null, b: CpuSet | null): boolean =>
  a === null || b === null ? a === b : a.equals(b);
