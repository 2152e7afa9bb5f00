// What was seen of a host and its VMs over some seconds: counters at known times, not yet judged.
import type { ThreadRole } from './guest.ts';
import type { CpuSet } from './id-set.ts';
import type { CpuId, NumaNodeId, VmId } from './ids.ts';
import type { Unknown } from './text-tree.ts';

/** One look at a thread. All times but `atMs` count since the thread began. */
export interface ThreadReading {
  /** Since the sampling began. */
  readonly atMs: number;
  readonly runNs: number;
  /** Ready to run and not running. A thread that a CPU limit stops is waiting too. */
  readonly waitNs: number;
  /** How often it was put on a CPU. */
  readonly slices: number;
  /** Where it runs, or ran last. */
  readonly cpu: CpuId;
  /** It runs or wants to. */
  readonly isReady: boolean;
}

/** A thread's readings, ascending by time: those at which it was there. */
export interface ThreadSample {
  readonly tid: number;
  readonly name: string;
  readonly readings: readonly ThreadReading[];
}

/** Counters that are dearer to read, so only at both ends. */
export interface ThreadCounters {
  readonly voluntary: number;
  readonly involuntary: number;
  /** From one CPU to another; null where the kernel does not show it. */
  readonly migrations: number | null;
}

export interface SampledGuestThread extends ThreadSample {
  readonly role: ThreadRole;
  readonly allowed: CpuSet;
  /** At the thread's first and last reading; null when it came or went in between. */
  readonly counters: { readonly first: ThreadCounters; readonly last: ThreadCounters } | null;
}

/** A thread of the host that used a CPU noticeably. Containers' threads are among them. */
export interface SampledTask extends ThreadSample {
  readonly pid: number;
  /** The guest whose cgroup it is in; null for the host's own. */
  readonly owner: VmId | null;
}

/** Time in which some task had to wait for the resource, in microseconds since boot or since the cgroup was made. */
export interface Stalls {
  readonly cpuUs: number | null;
  readonly memoryUs: number | null;
  readonly ioUs: number | null;
}

/** A guest's cgroup (version 2) at one time. */
export interface CgroupReading {
  readonly atMs: number;
  /** CPU time so far, of all its tasks. */
  readonly usedUs: number;
  /** Periods in which it wanted a CPU, those in which its CPU limit stopped it, and how long, summed over CPUs; null without a limit. */
  readonly limit: { readonly periods: number; readonly throttled: number; readonly throttledUs: number } | null;
  readonly stalls: Stalls;
}

export interface GuestMemory {
  readonly source: 'memory.numa_stat' | 'numa_maps';
  readonly residentMiB: ReadonlyMap<NumaNodeId, number>;
}

/** One running VM. */
export interface SampledGuest {
  readonly vmid: VmId;
  /** gone: it stopped while it was sampled. */
  readonly state: 'running' | 'gone';
  /** Why it is not known which of its threads are vCPUs; null when it is. */
  readonly unreadable: string | null;
  /** Ascending by thread id. */
  readonly threads: readonly SampledGuestThread[];
  readonly cgroup: { readonly first: CgroupReading; readonly last: CgroupReading } | null;
  readonly memory: GuestMemory | null;
}

/** One running container: its cgroup alone, whose tasks come and go. */
export interface SampledContainer {
  readonly vmid: VmId;
  /** As configured; null means every CPU. */
  readonly cores: number | null;
  /** CPUs that its tasks may use, at the end. */
  readonly effective: CpuSet;
  readonly cgroup: { readonly first: CgroupReading; readonly last: CgroupReading };
}

/** What one CPU has done since boot, from `/proc/stat`. */
export interface CpuTimes {
  /** Tasks of any kind. */
  readonly tasksMs: number;
  /** Interrupts, and the work that they leave behind. */
  readonly interruptsMs: number;
  readonly idleMs: number;
}

export interface CpuTimesReading {
  readonly atMs: number;
  readonly cpus: ReadonlyMap<CpuId, CpuTimes>;
}

export interface HostReading {
  readonly atMs: number;
  /** Device interrupts so far, by CPU; null when they cannot be read. */
  readonly interrupts: ReadonlyMap<CpuId, number> | null;
  readonly stalls: Stalls;
}

export interface CpuFrequency {
  readonly nowMHz: number;
  readonly maxMHz: number;
}

export interface Sampling {
  /** From the first look to the last. */
  readonly durationMs: number;
  /** Somebody ended it before its time. */
  readonly interrupted: boolean;
  /** One for each look at the guests' threads: at least two. */
  readonly cpuTimes: readonly CpuTimesReading[];
  readonly host: { readonly first: HostReading; readonly last: HostReading };
  /** At the last look, of CPUs where vCPUs were; empty where the host does not show it. */
  readonly frequencies: ReadonlyMap<CpuId, CpuFrequency>;
  /** Ascending by VMID. */
  readonly guests: readonly SampledGuest[];
  /** Ascending by VMID; those that ran from first to last. */
  readonly containers: readonly SampledContainer[];
  readonly tasks: readonly SampledTask[];
  readonly unknown: readonly Unknown[];
}
