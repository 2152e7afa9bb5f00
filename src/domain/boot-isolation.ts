// Isolation by kernel parameters: what is to be asked of the kernel, where it is written, and what the kernel made of it.
import type { CpuSet } from './id-set.ts';
import type { NumaNodeId, VmId } from './ids.ts';
import type { PartitionSupport } from './inventory.ts';

/** Hugepages of one size that guests need on the nodes where they are placed. */
export interface HugepagePool {
  readonly node: NumaNodeId;
  readonly sizeKiB: number;
  readonly pages: number;
  readonly vmids: readonly VmId[];
}

/** What a kernel is able to do; null where nothing tells. */
export interface KernelAbilities {
  readonly release: string;
  /** `CONFIG_NO_HZ_FULL`. */
  readonly nohzFull: boolean | null;
  /** `CONFIG_RCU_NOCB_CPU`. */
  readonly rcuNocbs: boolean | null;
  /** `hugepages=0:4,1:4`, since 5.16. */
  readonly hugepagesByNode: boolean;
}

/** One thing that is asked of the kernel; hugepages take two words. */
export type BootParameter =
  | { readonly name: 'isolcpus'; readonly words: readonly string[]; readonly vmids: readonly VmId[] }
  | { readonly name: 'nohz_full' | 'rcu_nocbs'; readonly words: readonly string[] }
  | { readonly name: 'irqaffinity'; readonly words: readonly string[] }
  | { readonly name: 'hugepages'; readonly words: readonly string[]; readonly pools: readonly HugepagePool[] };

/** What is not asked for. kernel-lacks: it was built without. kernel-unknown: nothing tells what it was built with. by-node: it takes no pages of one node. present: somebody else asks for hugepages already. */
export interface LeftParameter {
  readonly name: BootParameter['name'];
  readonly why: 'kernel-lacks' | 'kernel-unknown' | 'by-node' | 'present';
}

/**
 * Dedicated CPUs that are not isolated. boot-core: the kernel keeps its time there. container: its threads cannot be pinned one by one, and
 * nothing else spreads them there. shared-core: somebody else has a CPU of the same core.
 */
export interface LeftCpus {
  readonly cpus: CpuSet;
  readonly vmids: readonly VmId[];
  readonly why: 'boot-core' | 'container' | 'shared-core';
}

export interface BootIsolation {
  /** Whole cores; empty when there is nothing to isolate. */
  readonly cpus: CpuSet;
  /** All others. */
  readonly rest: CpuSet;
  /** In the order in which they are written. */
  readonly parameters: readonly BootParameter[];
  readonly leftParameters: readonly LeftParameter[];
  readonly leftCpus: readonly LeftCpus[];
}

/** grub-on-esp: GRUB on partitions that proxmox-boot-tool fills. systemd-boot: the same tool. */
export type BootLoader = 'grub' | 'grub-on-esp' | 'systemd-boot';

/** Where a sign of the boot loader was seen, and what it says. */
export interface BootSign {
  readonly source: string;
  readonly text: string;
}

/**
 * no-sign: nothing tells which loader boots this host. signs-differ: they name different ones. unmanaged: systemd-boot without
 * proxmox-boot-tool. no-defaults: GRUB, whose `/etc/default/grub` is not there.
 */
export type UnknownLoader = 'no-sign' | 'signs-differ' | 'unmanaged' | 'no-defaults';

export type FoundLoader =
  | { readonly kind: 'found'; readonly loader: BootLoader; readonly signs: readonly BootSign[] }
  | { readonly kind: 'unknown'; readonly why: UnknownLoader; readonly signs: readonly BootSign[] };

/** A parameter that somebody else has written. */
export interface ForeignWord {
  readonly word: string;
  readonly file: string;
  readonly line: number;
}

/** Why the parameters cannot be written. */
export type WriteObstacle =
  | { readonly kind: 'loader'; readonly why: UnknownLoader }
  /** Of parameters that are to be written: the kernel would get both. */
  | { readonly kind: 'conflict'; readonly words: readonly ForeignWord[] }
  /** A later file gives the variable another value. */
  | { readonly kind: 'overridden'; readonly file: string }
  /** `/etc/kernel/cmdline` is not there, or has no `root=` in its first line, which is all that counts. */
  | { readonly kind: 'no-kernel-line'; readonly isMissing: boolean }
  /** The line of systemd-boot has a quote that nobody closes. */
  | { readonly kind: 'open-quote' };

/** How the one file is changed that the boot loader reads. */
export interface BootEdit {
  readonly loader: BootLoader;
  readonly before: string | null;
  readonly after: string | null;
  readonly words: { readonly before: readonly string[]; readonly after: readonly string[] };
}

/** What the kernel made of one parameter, against what it was asked. `log`: its own words for it. */
export type KernelProblem =
  /** Given more than once, with different values. */
  | { readonly kind: 'doubled'; readonly parameter: string; readonly values: readonly string[] }
  /** CPU 0 is named, on which the kernel keeps time and serves interrupts. */
  | {
      readonly kind: 'boot-cpu';
      readonly parameter: string;
      readonly cpus: CpuSet;
      readonly log: string | null;
    }
  | {
      readonly kind: 'shortened';
      readonly parameter: string;
      readonly asked: CpuSet;
      readonly taken: CpuSet;
      readonly log: string | null;
    }
  | { readonly kind: 'unsupported'; readonly parameter: string; readonly log: string | null }
  | { readonly kind: 'open-siblings'; readonly cpus: CpuSet; readonly siblings: CpuSet }
  | { readonly kind: 'not-isolated'; readonly cpus: CpuSet }
  | {
      readonly kind: 'pool-short';
      readonly node: NumaNodeId;
      readonly sizeKiB: number;
      readonly asked: number;
      readonly taken: number;
    };

/**
 * none: nothing is asked of the kernel. planned: not written yet, or not as it should be. reboot-needed: written, or taken back, and the
 * kernel that runs was booted before. verified: the kernel did all of it. not-as-asked: it did not.
 */
export type IsolationState = 'none' | 'planned' | 'reboot-needed' | 'verified' | 'not-as-asked';

/** Beside a plan: what should be known before the host is rebooted for it. */
export type IsolationAdvice =
  | { readonly kind: 'partition'; readonly support: PartitionSupport }
  | { readonly kind: 'lost'; readonly cpus: CpuSet }
  | { readonly kind: 'agent-off' }
  /** Isolated, and dedicated to nobody. */
  | { readonly kind: 'unused'; readonly cpus: CpuSet };

export interface IsolationReport {
  readonly node: string;
  readonly state: IsolationState;
  readonly plan: BootIsolation;
  readonly loader: FoundLoader;
  /** Null when it could be written, or is. */
  readonly obstacle: WriteObstacle | null;
  /** Null when nothing is to be written. */
  readonly edit: BootEdit | null;
  /** Words of ours in the boot loader's file. */
  readonly written: readonly string[];
  /** Words about isolation on the command line of the kernel that runs. */
  readonly running: readonly string[];
  readonly problems: readonly KernelProblem[];
  readonly advice: readonly IsolationAdvice[];
}
