// What is measured in a lab host, and how the program inside tells the one outside about each block.

/** Host-wide isolation that a live host can take; see docs/isolation.md. */
export const RUNGS = ['none', 'confine', 'partition'] as const;
/** `boot` takes a boot of its own, with the kernel parameters of `berth isolate`. */
export type Rung = (typeof RUNGS)[number] | 'boot';

/**
 * A round of part `placements`, in order: as Proxmox starts a guest; a plain `affinity`, of which nobody else knows; Berth's placement with each rung; as at
 * first again. Of part `boot`, on a host that was booted with the dedicated CPU isolated: unpinned, placed with that rung, unpinned. Of part `limit`: a bare thread alone on the dedicated CPU, the placed vCPU's thread there, the bare one again.
 */
export const CASES = {
  placements: ['unpinned', 'affinity', ...RUNGS, 'unpinned-again'],
  boot: ['unpinned', 'boot', 'unpinned-again'],
  limit: ['bare', 'placed', 'bare-again'],
} as const;
export type LabPart = keyof typeof CASES;
export type CaseName = (typeof CASES)[LabPart][number];

/** `/lab/order.json`. */
export interface LabOrder {
  readonly part: LabPart;
  readonly rounds: number;
  readonly secondsPerBlock: number;
}

/** A line of `/lab/blocks`. */
export interface LabBlock {
  readonly part: LabPart;
  readonly case: CaseName;
  readonly round: number;
  readonly seconds: number;
  /** Run-queue delays of the one measured thread: an HDR histogram, in ns. */
  readonly hdr: string;
  /** Trace events that were lost. */
  readonly lost: number;
  readonly preemptions: number;
  readonly migrations: number;
  /** The CPUs that the thread was allowed. */
  readonly cpus: string;
  /** Names of others' tasks that ran on the thread's CPU meanwhile, but for kernel threads that are bound to it; null where it has none of its own. */
  readonly foreign: readonly string[] | null;
}
