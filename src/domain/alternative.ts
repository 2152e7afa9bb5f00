// What else could be done, and what it would cost against the plan that was chosen.
import type { CpuSet, NodeSet } from './id-set.ts';
import type { LlcId, VmId } from './ids.ts';
import type { AimName, AimValue, Infeasible, Proof } from './plan.ts';

/** One aim in which another plan differs. */
export interface AimDifference {
  readonly aim: AimName;
  /** Above zero: the other plan is worse in this aim. */
  readonly by: number;
  /** The guests that it is about, where the aim is a sum over guests. */
  readonly vmids: readonly VmId[];
}

/** Another plan, judged against the chosen one. */
export type Outcome =
  | {
      readonly kind: 'possible';
      /** In the order of AIMS: the first decides. Empty when it is as good. */
      readonly differences: readonly AimDifference[];
      readonly aims: readonly AimValue[];
      /** CPUs that nobody but their owners may use, compared with the chosen plan. */
      readonly reservedCpus: number;
      readonly proof: Proof;
    }
  | {
      readonly kind: 'impossible';
      readonly lack: Infeasible['lack'];
      /** The guests that cannot stand together then. */
      readonly vmids: readonly VmId[];
      /** Where memory is lacking: what is asked for and what the nodes could give. */
      readonly memory: { readonly neededMiB: number; readonly thereMiB: number } | null;
      readonly proved: boolean;
    };

/** A part of the host in which a guest could stand instead. */
export interface Place {
  readonly nodes: NodeSet;
  /** Null: anywhere on these nodes. */
  readonly llc: LlcId | null;
  readonly cpus: CpuSet;
}

/** What the whole plan would cost with one guest somewhere else. */
export interface Neighbour {
  readonly place: Place;
  readonly outcome: Outcome;
}

/** How a guest that is to be placed runs now. */
export interface PresentLayout {
  readonly vmid: VmId;
  readonly running: boolean;
  /** NUMA nodes and LLC domains on which its vCPUs may run; 0 when it is stopped or could not be read. */
  readonly nodes: number;
  readonly llcs: number;
  /** Other running guests that may use the same CPUs. */
  readonly sharedWith: number;
}

/** Another way to do what the policy asks for, or to leave it undone. */
export type Alternative =
  /** Nothing is changed; no outcome while guests have no place of their own that could be judged. */
  | { readonly kind: 'leave'; readonly present: readonly PresentLayout[]; readonly outcome: Outcome | null }
  /** At most so many guests leave their place. */
  | { readonly kind: 'fewest-moves'; readonly mostMoves: number; readonly outcome: Outcome }
  /** Running guests stay on the nodes where their memory is, so that nothing waits for a restart. */
  | { readonly kind: 'stay-with-memory'; readonly vmids: readonly VmId[]; readonly outcome: Outcome }
  /** Another wish for all these guests. */
  | {
      readonly kind: 'wish';
      readonly key: 'smt' | 'class' | 'span';
      readonly to: string;
      readonly vmids: readonly VmId[];
      readonly outcome: Outcome;
    };

/** One thing to ask less of, with which all the rest of the policy could be met. */
export type Relaxation =
  /** A wish of a guest, as `berth policy set VMID KEY=VALUE` takes it. */
  | { readonly kind: 'wish'; readonly vmid: VmId; readonly key: string; readonly from: string; readonly to: string }
  /** Cores per node for the host; from null: what is usual for this kind of host. */
  | { readonly kind: 'housekeeping'; readonly from: number | null; readonly to: number }
  /** The most memory with which the guest would fit. */
  | { readonly kind: 'memory'; readonly vmid: VmId; readonly fromMiB: number; readonly toMiB: number }
  /** The most CPUs that a container could be limited to. */
  | { readonly kind: 'container-cores'; readonly vmid: VmId; readonly from: number; readonly to: number };
