// What the operator wants, after parsing and with every default filled in.
import type { IgnoreEntry } from './doctor-report.ts';
import type { HostLayers } from './host-layer.ts';
import type { CpuSet } from './id-set.ts';
import type { VmId } from './ids.ts';
import type { Isolation } from './placement.ts';

/** dedicated: a host CPU for every vCPU. confined: kept inside one node or LLC domain. shared: everything that is left. */
export type GuestClass = 'dedicated' | 'confined' | 'shared';

/** pairs: vCPUs 2k, 2k+1 on one core's threads. isolate: one vCPU per core, siblings idle. any: cores filled thread by thread. */
export type SmtPolicy = 'pairs' | 'isolate' | 'any';

/** auto: `isolate` when cores suffice, else `any`. */
export type SmtWish = SmtPolicy | 'auto';

/** Whether a guest's placement is written into its config. */
export type ConfigUse = 'write' | 'runtime';

export interface GuestPolicy {
  readonly class: GuestClass;
  readonly smt: SmtWish;
  readonly memory: 'preferred' | 'bind';
  /** Confined guests: the domain they are kept in. */
  readonly span: 'llc' | 'node';
  /** `own`: CPUs of this guest's own for emulator threads (one core); `housekeeping`: the host's CPUs on its nodes. */
  readonly emulator: 'housekeeping' | 'own';
  /** Pages that its memory is made of, from its next start on. Absent: as its config says. */
  readonly hugepages?: '1G' | '2M' | 'none';
  /** `off`: KSM does not merge its memory, from its next start on. Absent, as `leave`: as its config says. */
  readonly ksm?: 'off' | 'leave';
  /** Passthrough devices (`hostpciN`) that the guest should be near to. Absent: every one that it has. */
  readonly near?: readonly string[];
  /** `large`: on dies with the large cache, where the host has unlike ones. `auto`: so for the only dedicated guest of a host. */
  readonly cache: 'auto' | 'large' | 'any';
  /**
   * `write`: its config names its CPUs and nodes. `runtime`: they would go with it to other nodes, so that the agent and the hookscript
   * alone place it. Absent: `runtime` for VMs that high availability may start on another node, else `write`.
   */
  readonly config?: ConfigUse;
  /** True: rather not started than started where it cannot be placed. Absent: it is started wherever it can run. */
  readonly strict?: boolean;
  /** `keep`: its emulator threads stay on their CPUs also while it is backed up or migrated. Absent: they get those of the host, too. */
  readonly whileCopied?: 'widen' | 'keep';
  /** Higher is placed first and kept longest. */
  readonly priority: number;
}

/** What holds for one guest after its entry, its tags and the defaults are put together. */
export interface Wishes extends GuestPolicy {
  /** False when neither an entry nor a tag names the guest: it is then only ever kept off others' CPUs. */
  readonly named: boolean;
}

export interface Housekeeping {
  /** Null, as `cpus`: what is usual for the kind of host. */
  readonly coresPerNode: number | null;
  /** CPUs that are never dedicated, besides CPU 0's core; replaces `coresPerNode`. */
  readonly cpus: CpuSet | null;
}

export interface Policy {
  readonly housekeeping: Housekeeping;
  readonly isolation: Isolation;
  /** A VM that the policy names and that runs without a placement, as after a migration: `place` lets the agent give it what is free. */
  readonly onArrival: 'place' | 'leave';
  /** Of the host's devices: off dedicated CPUs, or wherever they are. Those of passthrough devices always follow their guest. */
  readonly interrupts: 'move' | 'leave';
  /** What else makes dedicated CPUs quieter; empty unless asked for. */
  readonly layers: HostLayers;
  /** Proxmox tag → the wishes that it stands for. */
  readonly tags: ReadonlyMap<string, Partial<GuestPolicy>>;
  readonly guests: ReadonlyMap<VmId, Partial<GuestPolicy>>;
  /** Findings of `berth doctor` that are known and accepted. */
  readonly ignore: readonly IgnoreEntry[];
}
