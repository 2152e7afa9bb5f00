// A complete decision: where every guest belongs, what must change for that, why, and what it relied on. Immutable; apply decides nothing.
import type { Finding } from './finding.ts';
import type { ThreadRole } from './guest.ts';
import type { LayerName, SettingMove } from './host-layer.ts';
import type { CpuSet } from './id-set.ts';
import type { NumaNodeId, VmId } from './ids.ts';
import type { Placement } from './placement.ts';

/** One aim of the planner, in order of weight; smaller values are better. */
export interface AimValue {
  readonly aim: AimName;
  readonly value: number;
}

/** Lexicographic: an earlier aim is never given up for a later one. */
export const AIMS = [
  'nodes',
  'distance',
  'deviceDistance',
  'llcs',
  'smallCache',
  'efficiencyCores',
  'imbalance',
  'memoryElsewhere',
  'sharedCores',
  'pressure',
  'nodeFragmentation',
  'llcFragmentation',
  'moves',
] as const;
export type AimName = (typeof AIMS)[number];

/** `optimal`: no plan is better in any aim. Otherwise the search ended first: the best that was found, not proved to be the best. */
export type Proof =
  | { readonly kind: 'optimal' }
  | {
      readonly kind: 'unproved';
      readonly firstUnproved: AimName;
      /** From the value of that aim down to what is proved to be its least. Absent in plans of earlier versions. */
      readonly distance?: number;
    };

/** Why a guest is where it is, as data. */
export type Reason =
  | { readonly kind: 'only-node' }
  | { readonly kind: 'fits-one-node'; readonly node: NumaNodeId }
  | { readonly kind: 'spans-nodes'; readonly nodes: number; readonly because: 'cpus' | 'memory' | 'others' }
  | { readonly kind: 'one-llc' }
  | { readonly kind: 'spans-llcs'; readonly llcs: number; readonly most: number }
  | { readonly kind: 'whole-cores'; readonly cores: number }
  | { readonly kind: 'idle-siblings'; readonly cpus: CpuSet }
  | { readonly kind: 'kept-in-place' }
  /** It may come up on another node, or the policy says so: its config names no CPUs and no nodes. */
  | { readonly kind: 'run-time-only' }
  | { readonly kind: 'kept-off'; readonly owners: readonly VmId[] }
  | { readonly kind: 'confined-to'; readonly span: 'llc' | 'node'; readonly neighbours: readonly VmId[] };

export interface Explanation {
  readonly vmid: VmId;
  readonly reasons: readonly Reason[];
}

export interface ConfigEdit {
  readonly key: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** A line of the file that is not ours and that Proxmox changes or drops when it rewrites the file. */
export interface RewriteNote {
  readonly line: number;
  readonly before: string;
  readonly after: string | null;
}

/** One step, in the order in which apply takes them. */
export type Change =
  | {
      readonly kind: 'config';
      readonly vmid: VmId;
      readonly guestKind: 'vm' | 'container';
      readonly path: string;
      readonly edits: readonly ConfigEdit[];
      /** `pending`: the guest runs, so the values wait for its next start. */
      readonly section: 'main' | 'pending';
      readonly rewrites: readonly RewriteNote[];
    }
  | {
      readonly kind: 'threads';
      readonly vmid: VmId;
      readonly pid: number;
      readonly startTime: number;
      /** Ascending by thread id; only threads whose mask differs. */
      readonly threads: ReadonlyArray<{
        readonly tid: number;
        readonly role: ThreadRole;
        readonly before: CpuSet;
        readonly after: CpuSet;
      }>;
    }
  | { readonly kind: 'cpuset'; readonly vmid: VmId; readonly before: CpuSet; readonly after: CpuSet }
  | {
      /** The cpuset partition of a running VM's vCPU threads; null: none. */
      readonly kind: 'partition';
      readonly vmid: VmId;
      readonly pid: number;
      readonly startTime: number;
      readonly before: CpuSet | null;
      readonly after: CpuSet | null;
    }
  | {
      /** The CPUs of a unit beside the guests, until the next boot; null: those of its configuration. */
      readonly kind: 'unit';
      readonly vmid: null;
      readonly unit: string;
      readonly before: CpuSet | null;
      readonly after: CpuSet | null;
    }
  | {
      readonly kind: 'interrupts';
      /** The VM of whose passthrough devices they are; null for those of the host. */
      readonly vmid: VmId | null;
      /** Ascending by number; only those that belong elsewhere. */
      readonly vectors: readonly VectorMove[];
      /** CPUs of vectors that appear later; null where that is right. */
      readonly forNew: { readonly before: CpuSet; readonly after: CpuSet } | null;
    }
  | {
      /** Settings of one host layer; in the order in which they are made. */
      readonly kind: 'layer';
      readonly vmid: null;
      readonly layer: LayerName;
      readonly settings: readonly SettingMove[];
    };

/** One interrupt vector, from these CPUs to those. */
export interface VectorMove {
  readonly irq: number;
  readonly name: string;
  readonly before: CpuSet;
  readonly after: CpuSet;
}

/** What the plan relied on; apply compares it with what it finds, and says what is different. */
export interface Basis {
  readonly online: CpuSet;
  readonly policy: string;
  readonly guests: ReadonlyArray<{
    readonly vmid: VmId;
    readonly digest: string;
    /** `PID/start time` of a running VM, `running` of a running container, null when stopped. */
    readonly process: string | null;
  }>;
}

export interface Plan {
  readonly kind: 'plan';
  readonly node: string;
  readonly basis: Basis;
  readonly placement: Placement;
  readonly explanations: readonly Explanation[];
  readonly changes: readonly Change[];
  readonly aims: readonly AimValue[];
  readonly proof: Proof;
  readonly advice: readonly Finding[];
}

/** A request of one guest, as it appears in a conflict. */
export interface Request {
  readonly vmid: VmId;
  readonly class: string;
  readonly vcpus: number;
  readonly cores: number;
  readonly memoryMiB: number;
}

/** No plan exists: a smallest set of requests that cannot stand together, and what there is for them. */
export interface Infeasible {
  readonly kind: 'infeasible';
  readonly node: string;
  readonly conflict: readonly Request[];
  readonly available: {
    readonly cores: number;
    readonly cpus: CpuSet;
    readonly nodeMiB: ReadonlyMap<NumaNodeId, number>;
  };
  /** False when the work budget ended before every possibility was tried. */
  readonly proved: boolean;
  readonly lack: 'cores' | 'memory' | 'placement' | 'core-kind' | 'cpus';
}
