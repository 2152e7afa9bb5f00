// One record per apply or undo: what was there before each step, and how far it came. The source of undo and of recovery after a crash.
import type { BootEdit } from './boot-isolation.ts';
import type { LayerName, SettingMove } from './host-layer.ts';
import type { CpuSet } from './id-set.ts';
import type { VmId } from './ids.ts';
import type { MappingMove, MemoryOutcome } from './memory-move.ts';
import type { ConfigEdit, VectorMove } from './plan.ts';

/** doing: the step was begun and never reported back; only a crash leaves it so. */
export type StepState = 'not-tried' | 'doing' | 'done' | 'failed';

/**
 * What a step changes, from what to what: everything needed to do it, to put it back, and to see which of the two is the case.
 * Texts are latin1; null means that there is no such file.
 */
export type StepRecord =
  | {
      readonly kind: 'file';
      /** Null for files of our own. */
      readonly vmid: VmId | null;
      readonly path: string;
      readonly before: string | null;
      readonly after: string | null;
      /** For guest configs: the same as values, so that a later edit elsewhere in the file survives an undo. */
      readonly config: { readonly section: 'main' | 'pending'; readonly edits: readonly ConfigEdit[] } | null;
    }
  | {
      /** Changed through `qm set`, which rewrites the file: put back value by value. */
      readonly kind: 'qm';
      readonly vmid: VmId;
      readonly path: string;
      /** The whole file as it was, for a person. */
      readonly text: string;
      readonly edits: readonly ConfigEdit[];
    }
  | {
      readonly kind: 'threads';
      readonly vmid: VmId;
      readonly pid: number;
      readonly startTime: number;
      readonly threads: ReadonlyArray<{
        readonly tid: number;
        /** Null for emulator threads and iothreads, of which some come and go. */
        readonly vcpu: number | null;
        readonly before: CpuSet;
        readonly after: CpuSet;
      }>;
    }
  | {
      readonly kind: 'partition';
      readonly vmid: VmId;
      readonly pid: number;
      readonly startTime: number;
      readonly before: CpuSet | null;
      readonly after: CpuSet | null;
      /** Cgroups in which the cpuset controller had to be switched on for it, and is switched off again with it. */
      readonly enabled: readonly string[];
      /** Masks of kernel threads that may be moved, from before: making and removing partitions widens some of them. */
      readonly kernelThreads: ReadonlyArray<{ readonly tid: number; readonly name: string; readonly allowed: CpuSet }>;
      /** The same for interrupts. */
      readonly interrupts: ReadonlyArray<{ readonly irq: number; readonly cpus: string }>;
    }
  | ({ readonly kind: 'boot' } & BootEdit)
  | {
      readonly kind: 'unit';
      readonly unit: string;
      readonly before: CpuSet | null;
      readonly after: CpuSet | null;
    }
  | {
      readonly kind: 'cpuset';
      readonly vmid: VmId;
      readonly files: ReadonlyArray<{ readonly path: string; readonly before: string; readonly after: string }>;
    }
  | {
      readonly kind: 'memory';
      readonly vmid: VmId;
      readonly pid: number;
      readonly startTime: number;
      readonly mappings: readonly MappingMove[];
      /** Null until it was done: what came of it. */
      readonly outcome: MemoryOutcome | null;
    }
  | {
      readonly kind: 'interrupts';
      /** Null for those of the host's devices. */
      readonly vmid: VmId | null;
      readonly vectors: readonly VectorMove[];
      readonly forNew: { readonly before: CpuSet; readonly after: CpuSet } | null;
      /** Vectors that stayed, once it was done. */
      readonly stayed: ReadonlyArray<{ readonly irq: number; readonly name: string; readonly cause: VectorCause }>;
    }
  | {
      readonly kind: 'layer';
      readonly layer: LayerName;
      readonly settings: readonly SettingMove[];
      /** Settings that stayed, once it was done. */
      readonly stayed: ReadonlyArray<{ readonly path: string; readonly cause: SettingCause }>;
    };

/** fixed: the kernel places it itself. gone: its device is. foreign: somebody else has moved it since. full: its new CPUs serve as many as they can. */
export type VectorCause = 'fixed' | 'gone' | 'foreign' | 'full';

/** fixed: a kernel thread that the kernel binds by now. gone: it is. foreign: somebody else has changed it since. */
export type SettingCause = Exclude<VectorCause, 'full'>;

export interface JournalStep {
  readonly record: StepRecord;
  readonly state: StepState;
  /** Why it failed; null otherwise. */
  readonly error: string | null;
}

/** running: begun and not finished. stopped: a step failed, or a signal came; later steps were not tried. */
export type JournalState = 'running' | 'done' | 'stopped';

/** What the agent did by itself: a VM came to this node or left it. */
export interface JournalCause {
  readonly kind: 'arrived' | 'departed';
  readonly vmid: VmId;
  /** `PID/start time` of the process that arrived; null for one that left. */
  readonly process: string | null;
}

export interface JournalEntry {
  /** `0001`, `0002`, …: the order in which they were begun on this node. */
  readonly id: string;
  readonly action: 'apply' | 'undo';
  /** The entry that an undo takes back. */
  readonly undoes: string | null;
  /** `bench`: made to be measured, and undone after that; an undo has that of what it takes back. Absent: made to stay. */
  readonly purpose?: 'bench';
  readonly node: string;
  /** Absent: somebody asked for it. */
  readonly cause?: JournalCause;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly state: JournalState;
  readonly steps: readonly JournalStep[];
}
