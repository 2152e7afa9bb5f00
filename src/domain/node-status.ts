// A node in one screen: what it is, what is wanted, what is in force, and whether somebody keeps it so.
import type { Impact } from './doctor-finding.ts';
import type { Isolation } from './placement.ts';
import type { MaybeUntried } from './untried-version.ts';
import type { GuestState } from './verify-report.ts';

/** supported: this major version was built for. untried: another one. none: no Proxmox VE here. */
export type ProxmoxSupport = 'supported' | 'untried' | 'none';

export interface NodeStatus extends MaybeUntried {
  readonly node: string;
  readonly proxmox: { readonly version: string | null; readonly support: ProxmoxSupport };
  /** `null` when it cannot be read. */
  readonly kernel: string | null;
  readonly cgroupVersion: 1 | 2;
  /** Guests that the policy wants in each class, of those that are on this node; null: no policy. */
  readonly policy: { readonly dedicated: number; readonly confined: number } | null;
  /** Null: nothing is placed. */
  readonly placement: {
    readonly isolation: Isolation;
    /** Dedicated and confined guests, by state. */
    readonly guests: Readonly<Record<GuestState, number>>;
    /** What `berth verify` finds wrong, notes left out. */
    readonly deviations: number;
  } | null;
  /** Null on a captured host, where nothing runs. */
  readonly agent: { readonly pid: number | null } | null;
  /** What `berth doctor` finds, by impact. */
  readonly findings: Readonly<Record<Impact, number>>;
  /** The newest journal entry. */
  readonly last: {
    readonly id: string;
    readonly action: 'apply' | 'undo';
    readonly state: 'running' | 'done' | 'stopped';
    readonly startedAt: string;
  } | null;
}
