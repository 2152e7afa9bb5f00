// What doctor found on a node, and what the policy wants to hear no more of.
import type { DoctorCode, DoctorFinding } from './doctor-finding.ts';
import type { VmId } from './ids.ts';
import type { Unknown } from './text-tree.ts';

/** An entry of the policy's ignore list. */
export interface IgnoreEntry {
  readonly code: DoctorCode;
  /** Null: for the host and every guest. */
  readonly guests: readonly VmId[] | null;
  readonly reason: string;
}

export interface IgnoredFinding {
  readonly finding: DoctorFinding;
  readonly reason: string;
}

export interface DoctorReport {
  readonly node: string;
  readonly findings: readonly DoctorFinding[];
  readonly ignored: readonly IgnoredFinding[];
  readonly unknown: readonly Unknown[];
}

/**
 * placed: the value belongs to a placement, which `berth plan` changes. locked: Proxmox is at work on the guest.
 * conflict: another fix wants another value. breaks-start: with it the guest would start no more.
 */
export type FixObstacle = 'placed' | 'locked' | 'conflict' | 'breaks-start';

/** A config change that cannot be made now. */
export interface LeftFix {
  readonly finding: DoctorFinding;
  readonly obstacle: FixObstacle;
}
