// What is wrong with a guest or the host as configured, as data: how bad, the lines that prove it, and the way out. English is in report/doctor.
import type { AffinityFacts } from './doctor/affinity-facts.ts';
import type { BootFacts } from './doctor/boot-facts.ts';
import type { CapacityFacts } from './doctor/capacity-facts.ts';
import type { ClusterFacts } from './doctor/cluster-facts.ts';
import type { DriftFacts } from './doctor/drift-facts.ts';
import type { HostFacts } from './doctor/host-facts.ts';
import type { HostNodesFacts } from './doctor/host-nodes-facts.ts';
import type { HugepagesFacts } from './doctor/hugepages-facts.ts';
import type { IsolationFacts } from './doctor/isolation-facts.ts';
import type { LocalityFacts } from './doctor/locality-facts.ts';
import type { MemoryFacts } from './doctor/memory-facts.ts';
import type { NumaFacts } from './doctor/numa-facts.ts';
import type { SharingFacts } from './doctor/sharing-facts.ts';
import type { VmId } from './ids.ts';

/**
 * The gravest first. breaks-start: the guest cannot start as configured. ineffective: what somebody set does nothing, or not what
 * it seems to. hurts-latency: it works, at a price. worth-knowing: nothing is lost yet.
 */
export const IMPACTS = ['breaks-start', 'ineffective', 'hurts-latency', 'worth-knowing'] as const;
export type Impact = (typeof IMPACTS)[number];

/** The facts of every code, one family for each file of rules. */
export type DoctorFacts = AffinityFacts &
  NumaFacts &
  HostNodesFacts &
  HugepagesFacts &
  LocalityFacts &
  IsolationFacts &
  BootFacts &
  HostFacts &
  MemoryFacts &
  SharingFacts &
  CapacityFacts &
  ClusterFacts &
  DriftFacts;

export type DoctorCode = keyof DoctorFacts;

export type DoctorSubject = 'host' | VmId;

/** A line of a file, as it stands there. */
export interface Evidence {
  readonly file: string;
  /** From 1; null when the file as a whole is meant. */
  readonly line: number | null;
  readonly text: string;
}

/**
 * config: values for the config of the guest that the finding is about, null to remove the key. Only where the guest loses nothing
 * by it: `berth doctor --fix` makes them true. commands: for the admin, in this order; Berth never runs them.
 */
export type Fix =
  | { readonly kind: 'config'; readonly edits: ReadonlyArray<{ readonly key: string; readonly after: string | null }> }
  | { readonly kind: 'commands'; readonly commands: readonly (readonly string[])[] };

export type DoctorFinding<Code extends DoctorCode = DoctorCode> = {
  [C in Code]: {
    readonly code: C;
    readonly impact: Impact;
    readonly subject: DoctorSubject;
    readonly facts: DoctorFacts[C];
    /** At least one. */
    readonly evidence: readonly Evidence[];
    /** Null when somebody has to decide first: the advice says between what. */
    readonly fix: Fix | null;
  };
}[Code];
