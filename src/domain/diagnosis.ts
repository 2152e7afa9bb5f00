// What diagnose concludes for each guest: what it loses, to whom, and what would help.
import type { CpuSet, NodeSet } from './id-set.ts';
import type { NumaNodeId, VcpuIndex, VmId } from './ids.ts';
import type { CpuFrequency } from './sampling.ts';
import type { Unknown } from './text-tree.ts';

/** Shares are from 0 to 1. */
export interface VcpuMeasure {
  readonly index: VcpuIndex;
  /** Of the time. */
  readonly runShare: number;
  /** Of the time in which it wanted a CPU, the part in which it had none. */
  readonly waitShare: number;
  /** How long it waited, on average, each time before it was put on a CPU. */
  readonly waitPerSliceUs: number;
  /** Times per second that it was taken off a CPU, and that it went by itself; null when it was not there from first to last. */
  readonly involuntaryPerS: number | null;
  readonly voluntaryPerS: number | null;
  /** Moves to another CPU; null where the kernel does not show it. */
  readonly migrationsPerS: number | null;
  /** Moves to another NUMA node, or on a host with one node to another last-level cache, that were seen. */
  readonly crossingsPerS: number;
  /** Part of its run time away from the node, or cache, where it mostly ran. */
  readonly awayShare: number;
  /** Where it was seen. */
  readonly cpus: CpuSet;
  readonly allowed: CpuSet;
}

/** Who may run on a guest's CPUs. unseen: the CPU was busy with tasks too short-lived to be met. itself: other threads of the guest. */
export type Competitor =
  | { readonly kind: 'guest'; readonly vmid: VmId }
  | { readonly kind: 'task'; readonly pid: number; readonly name: string }
  | { readonly kind: 'itself' }
  | { readonly kind: 'unseen' };

export interface Competition {
  readonly who: Competitor;
  /** Part of the time in which the guest wanted a CPU and this one was on it instead. */
  readonly share: number;
}

export interface MemoryMeasure {
  readonly source: 'memory.numa_stat' | 'numa_maps';
  readonly residentMiB: ReadonlyMap<NumaNodeId, number>;
  /** Where its vCPUs ran. */
  readonly vcpuNodes: NodeSet;
  /** Part of it on nodes that have CPUs and where its vCPUs hardly ran. */
  readonly remoteShare: number;
}

/** A thread of a VM that is no vCPU, and that its vCPUs may wait for: an iothread, a vhost worker, one of the emulator's. */
export interface HelperMeasure {
  readonly kind: 'iothread' | 'vhost' | 'emulator';
  /** Of the iothread as Proxmox calls it, else the thread's own. */
  readonly name: string;
  readonly tid: number;
  /** Parts of the time, in which it ran, and in which it was ready and had no CPU. */
  readonly runShare: number;
  readonly waitShare: number;
  readonly waitPerSliceUs: number;
  readonly cpus: CpuSet;
}

export interface GuestMeasure {
  /** Ascending by index. */
  readonly vcpus: readonly VcpuMeasure[];
  /** Of all vCPUs together. */
  readonly runShare: number;
  readonly waitShare: number;
  /** Part of the time in which it wanted CPUs that its CPU limit took; null when that cannot be read. */
  readonly throttledShare: number | null;
  /** Part of the limit's periods in which it was stopped; null without a limit. */
  readonly throttledPeriods: number | null;
  /** The largest first. What is left of `waitShare` after these and the limit nobody explains: a CPU that was asleep takes time to wake. */
  readonly competition: readonly Competition[];
  /** Those that waited noticeably, the worst first. */
  readonly helpers: readonly HelperMeasure[];
  /** Null when its memory could not be read, or it did not run enough to say where it runs. */
  readonly memory: MemoryMeasure | null;
  /** Part of the time in which some task of its cgroup waited; null when that cannot be read. */
  readonly cpuStall: number | null;
  readonly memoryStall: number | null;
  readonly ioStall: number | null;
  /** Of devices, on CPUs where its vCPUs ran. */
  readonly interruptsPerS: number | null;
  /** Mean over CPUs where its vCPUs were at the end. */
  readonly frequency: CpuFrequency | null;
}

/** Causes of loss, and two that mean none. */
export const VERDICTS = [
  'host-overcommitted',
  'starved-by-guest',
  'starved-by-host-tasks',
  'starved-by-itself',
  'throttled-by-limit',
  'helpers-wait',
  'narrow-cpuset',
  'memory-short',
  'memory-remote',
  'wanders',
  'fine',
  'idle-nothing-to-see',
] as const;
export type VerdictKind = (typeof VERDICTS)[number];

export interface Verdict {
  readonly kind: VerdictKind;
  /**
   * What is lost, in the unit of its kind: of the time it wanted CPUs, of its memory, of its run time; of the time alone for helpers-wait
   * and memory-short, and for what starves a container; of its `cores` for narrow-cpuset. 0 for the two that mean none.
   */
  readonly share: number;
}

/** keep-others-off: it has its own CPUs, and the host's tasks use them too. weights: `cpuunits`, which decide who waits when all cannot run. */
export const ADVICE = [
  'dedicated',
  'confined',
  'raise-cpulimit',
  'move-memory-by-restart',
  'keep-others-off',
  'widen-affinity',
  'weights',
  'own-emulator-cpus',
  'more-memory',
  'nothing',
] as const;
export type Advice = (typeof ADVICE)[number];

/** Why pinning is not advised. */
export const PIN_OBSTACLES = [
  'nothing-lost',
  'idle',
  'cpulimit',
  'host-full',
  'small-host',
  'balanced-by-ha',
  'would-not-help',
] as const;
export type PinObstacle = (typeof PIN_OBSTACLES)[number];

/** What was learnt of one guest. */
export type GuestDiagnosis =
  | {
      readonly state: 'measured';
      readonly vmid: VmId;
      readonly measure: GuestMeasure;
      /** Never empty, the worst first. */
      readonly verdicts: readonly Verdict[];
      /** Never empty, the most useful first. */
      readonly advice: readonly Advice[];
      /** Null when `advice` holds `dedicated` or `confined`. */
      readonly doNotPin: PinObstacle | null;
    }
  /** stopped: it did not run at all. gone: it stopped while it was sampled. unreadable: QEMU did not say which threads are vCPUs. */
  | { readonly state: 'stopped' | 'gone' | 'unreadable'; readonly vmid: VmId; readonly reason: string | null };

/** Of a container: its tasks come and go, so what is known is what the kernel counts for its cgroup. */
export interface ContainerMeasure {
  /** CPU time that it used, in CPUs: 1.5 is one and a half of them. */
  readonly usedCpus: number;
  /** As configured; null means every CPU. */
  readonly cores: number | null;
  /** CPUs that its tasks may use. */
  readonly allowed: CpuSet;
  /** Part of the time in which it wanted CPUs that its CPU limit took; of the limit's periods those in which it was stopped, null without one. */
  readonly throttledShare: number;
  readonly throttledPeriods: number | null;
  /** Part of the time in which some task of it waited; null when that cannot be read. */
  readonly cpuStall: number | null;
  readonly memoryStall: number | null;
  readonly ioStall: number | null;
  /** Who ran on `allowed`, itself too: parts of the time of those CPUs, the largest first. */
  readonly running: readonly Competition[];
}

export interface ContainerDiagnosis {
  readonly vmid: VmId;
  readonly measure: ContainerMeasure;
  /** Never empty, the worst first. */
  readonly verdicts: readonly Verdict[];
  /** Never empty, the most useful first. */
  readonly advice: readonly Advice[];
}

/** What the host as a whole did meanwhile. */
export interface HostLoad {
  /** Part of its CPUs' time that went to tasks and interrupts. */
  readonly busyShare: number;
  readonly cpuStall: number | null;
  readonly memoryStall: number | null;
  readonly ioStall: number | null;
}

export interface DiagnoseReport {
  readonly node: string;
  readonly seconds: number;
  readonly interrupted: boolean;
  readonly host: HostLoad;
  /** Ascending by VMID. */
  readonly guests: readonly GuestDiagnosis[];
  /** Those that ran all the time, ascending by VMID. */
  readonly containers: readonly ContainerDiagnosis[];
  readonly unknown: readonly Unknown[];
}

/** True for what a guest loses; the other two mean that there is nothing to gain. */
export const isLoss = ({ kind }: Verdict): boolean => kind !== 'fine' && kind !== 'idle-nothing-to-see';
