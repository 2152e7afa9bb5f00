// Facts of findings about the host's kernel, its cgroups and its interrupts.
import type { CpuSet } from '../id-set.ts';
import type { VmId } from '../ids.ts';

export type HostFacts = CgroupFacts & InterruptFacts & KernelWorkFacts & TuningFacts;

/** Paths of cgroups are below `/sys/fs/cgroup`. */
export interface CgroupFacts {
  /** `requested`: by a parameter on the kernel's command line. */
  'cgroup-v1': { readonly requested: boolean };
  /** `cpus`: those of the VM that the cgroup does not allow. */
  'cgroup-narrows-vm': { readonly cgroup: string; readonly cpus: CpuSet; readonly allowed: CpuSet };
  'exclusive-leftover': { readonly cgroup: string; readonly cpus: CpuSet; readonly used: CpuSet };
  /** `reason`: the kernel's own words. */
  'partition-invalid': { readonly cgroup: string; readonly reason: string };
  'partition-leftover': { readonly cgroup: string; readonly cpus: CpuSet };
  /** `vmids`: VMs without an affinity of their own. */
  'systemd-narrows-vms': { readonly cpus: CpuSet; readonly vmids: readonly VmId[] };
}

export interface InterruptFacts {
  /** `names`: of the devices and their queues, as the kernel calls them. */
  'interrupts-on-pinned': {
    readonly cpus: CpuSet;
    readonly interrupts: readonly number[];
    readonly names: readonly string[];
    readonly perSecond: number;
  };
  'irqbalance-on-pinned': { readonly cpus: CpuSet };
}

/** `cpus`: those of guests on which the kernel does this work; `rest`: where it could do it. */
export interface KernelWorkFacts {
  'workqueues-on-pinned': { readonly cpus: CpuSet; readonly rest: CpuSet };
  'watchdog-on-pinned': { readonly cpus: CpuSet; readonly rest: CpuSet };
}

export interface TuningFacts {
  /** `driver` scales with the load in spite of the name of its governor. */
  'governor-powersave': { readonly cpus: CpuSet; readonly driver: string };
  /** `driver` keeps to the lowest frequency. */
  'governor-lowest': { readonly cpus: CpuSet; readonly driver: string };
  'halt-polling-off': { readonly vmids: readonly VmId[] };
  'kernel-resets-masks': { readonly release: string; readonly vmids: readonly VmId[] };
  'ksmtuned-beside-pinned': { readonly vmids: readonly VmId[] };
  'realtime-threads': { readonly threads: number; readonly priority: number };
}
