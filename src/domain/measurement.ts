// One latency run: blocks measured in turns as found and as planned, what was changed between them, and what the numbers show.
import type { HostTopology } from './host-topology.ts';
import type { CpuSet } from './id-set.ts';
import type { VmId } from './ids.ts';
import type { Change } from './plan.ts';

/** A round is one block of each, in this order: what drifts evenly falls out of the middle block minus the mean of the outer two. */
export const PHASES = ['asFound', 'asPlanned', 'asFoundAgain'] as const;
export type PhaseName = (typeof PHASES)[number];

/** The percentiles that are compared. The maximum is shown and never compared: it is one event. */
export const PERCENTILES = [50, 99, 99.9, 99.99] as const;
export type Percentile = (typeof PERCENTILES)[number];

/** `host`: run-queue delay of the vCPU threads. `guest`, `ssh`: cyclictest in the guest, started by its agent or through ssh. `import`: taken elsewhere. */
export type MeasurementMode = 'host' | 'guest' | 'ssh' | 'import';

/**
 * What took the latencies. `sched-trace`: every wakeup of a vCPU thread until it runs, from the kernel's trace events.
 * `schedstat`: the mean delay within each millisecond or so, where there are none. `cyclictest`: how late a timer in the guest is.
 */
export type Instrument = 'sched-trace' | 'schedstat' | 'cyclictest' | 'hdr-log';

/** Latencies that were counted. */
export interface LatencyHistogram {
  /** HDR histogram, V2 compressed, base64; its values are nanoseconds. */
  readonly hdr: string;
  readonly count: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly p9999Us: number;
  readonly maxUs: number;
}

export interface MeasuredVcpu {
  readonly vcpu: number;
  /** CPUs that its thread was allowed. Empty when that is not known, as of imported runs. */
  readonly cpus: CpuSet;
  readonly latency: LatencyHistogram;
  /** How often its thread changed its CPU; null when it was not counted. */
  readonly migrations: number | null;
  /** How often it was taken off its CPU although it could have gone on; null when it was not counted. */
  readonly preemptions: number | null;
}

/** What all vCPUs together showed within a second or so. */
export interface LatencyInterval {
  /** From the start of the block. */
  readonly atS: number;
  readonly count: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly maxUs: number;
}

/** One stretch without a change of placement. */
export interface MeasuredBlock {
  readonly phase: PhaseName;
  /** From 1; a round that was broken off is in no phase and no comparison. */
  readonly round: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly seconds: number;
  readonly all: LatencyHistogram;
  readonly vcpus: readonly MeasuredVcpu[];
  /** In order; empty when the instrument tells only the sum. */
  readonly intervals: readonly LatencyInterval[];
  /** Events that came faster than they could be read: missing from the histograms. */
  readonly lost: number;
}

/** All blocks of one kind together, of complete rounds. */
export interface MeasuredPhase {
  readonly name: PhaseName;
  readonly seconds: number;
  /** Where emulator threads were allowed; null when it is not known. */
  readonly emulator: CpuSet | null;
  readonly all: LatencyHistogram;
  readonly vcpus: readonly MeasuredVcpu[];
}

/** A value with its confidence interval, at the level of the comparison. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface PercentileComparison {
  readonly percentile: Percentile;
  readonly asFoundUs: Estimate;
  readonly asPlannedUs: Estimate;
  /** As planned divided by as found: below 1 is better. */
  readonly ratio: Estimate;
  /** As found again divided by as found, where nothing had been changed: the noise floor. */
  readonly noise: Estimate;
  /** That a difference as large as this comes about by chance; corrected for the percentiles that are judged together. */
  readonly pValue: number;
}

/** `too-little`: fewer rounds or events than any test could tell a difference from. */
export type LatencyVerdict = 'better' | 'worse' | 'mixed' | 'no-difference' | 'too-little';

export interface LatencyComparison {
  readonly verdict: LatencyVerdict;
  readonly rounds: number;
  /** Of the intervals: 0.95. Differences count below a p value of 1 minus this. */
  readonly confidence: number;
  /** Those with enough events beyond them in each block, ascending; empty with `too-little`. */
  readonly percentiles: readonly PercentileComparison[];
  /**
   * How often an event as found is later than one as planned, less how often it is earlier: 1 when every one is, 0 when there is no
   * difference. Null with `too-little`.
   */
  readonly cliffsDelta: Estimate | null;
  /** That the two distributions differ as much as this by chance. Null with `too-little`. */
  readonly distributionPValue: number | null;
}

export interface MeasuredHost {
  readonly kernel: string | null;
  /** How the kernel was started. */
  readonly bootCommandLine: string | null;
  /** Of the CPUs' frequencies, each once; empty when the host shows none. */
  readonly governors: readonly string[];
  readonly memoryMiB: number;
  /** Null of imported runs. */
  readonly topology: HostTopology | null;
}

/** Load that was made on the host on purpose while it was measured. */
export interface MadeLoad {
  readonly kind: 'stress-ng' | 'built-in';
  readonly workers: number;
}

export interface Measurement {
  /** `0001`, `0002`, …: the order in which they were stored on this node. */
  readonly id: string;
  readonly node: string;
  readonly vmid: VmId;
  /** Its name in Proxmox; null when it has none. */
  readonly guestName: string | null;
  readonly mode: MeasurementMode;
  readonly instrument: Instrument;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Why it ended before all rounds were measured; null when it did not. */
  readonly endedEarly: string | null;
  /** The journal entry of the first block as planned; null when there was none. */
  readonly plan: string | null;
  /** What was changed for each block as planned, and undone after it. */
  readonly changes: readonly Change[];
  /** What was run, as one would type it. */
  readonly commands: readonly string[];
  /** For instruments that miss events while they are late: the interval by which that was put right, in µs. Null when it does not apply. */
  readonly omissionCorrectedUs: number | null;
  readonly load: MadeLoad | null;
  readonly host: MeasuredHost;
  readonly blocks: readonly MeasuredBlock[];
  /** Empty when no round was complete; imported runs have one. */
  readonly phases: readonly MeasuredPhase[];
  /** Null of runs with a single phase. */
  readonly comparison: LatencyComparison | null;
}
