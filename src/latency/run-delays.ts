// From scheduler events to latencies: how long each vCPU thread was ready and had no CPU.
import type { LatencyInterval } from '#domain/measurement.ts';
import type { SchedEvent } from '#domain/sched-event.ts';
import { type Histogram, makeHistogram, percentileUs } from './histogram.ts';

/** What a block shows of one vCPU. */
export interface VcpuReading {
  readonly vcpu: number;
  readonly latency: Histogram;
  /** Null when they were not counted. */
  readonly migrations: number | null;
  readonly preemptions: number | null;
}

interface FollowedVcpu {
  readonly vcpu: number;
  readonly latency: Histogram;
  /** Ready since then; null while it runs or sleeps, and while that is not known. */
  readySinceNs: number | null;
  migrations: number;
  preemptions: number;
}

/** A delay begins when a thread is woken, or taken off its CPU although it could go on; it ends when the thread runs. */
export class RunDelays {
  readonly #byTid: ReadonlyMap<number, FollowedVcpu>;
  #interval = makeHistogram();
  #lost = 0;

  constructor(vcpus: ReadonlyArray<{ readonly vcpu: number; readonly tid: number }>) {
    this.#byTid = new Map(
      vcpus.map(({ vcpu, tid }) => {
        return [tid, { vcpu, latency: makeHistogram(), readySinceNs: null, migrations: 0, preemptions: 0 }];
      }),
    );
  }

  take(event: SchedEvent): void {
    switch (event.kind) {
      case 'waking': {
        const thread = this.#byTid.get(event.tid);
        if (thread) thread.readySinceNs ??= event.atNs;
        return;
      }
      case 'switch':
        this.#leave(event.from, event.fromIsReady ? event.atNs : null);
        this.#enter(event.to, event.atNs);
        return;
      case 'migrate': {
        const thread = this.#byTid.get(event.tid);
        if (thread) thread.migrations += 1;
        return;
      }
      case 'lost':
        this.#lost += event.count;
        // Whether a thread still waits may have been among them.
        for (const thread of this.#byTid.values()) thread.readySinceNs = null;
    }
  }

  #leave(tid: number, readySinceNs: number | null): void {
    const thread = this.#byTid.get(tid);
    if (thread === undefined) return;
    thread.readySinceNs = readySinceNs;
    if (readySinceNs !== null) thread.preemptions += 1;
  }

  #enter(tid: number, atNs: number): void {
    const thread = this.#byTid.get(tid);
    if (thread === undefined || thread.readySinceNs === null) return;
    // Events of two CPUs may be a little out of order.
    const delayNs = Math.max(0, atNs - thread.readySinceNs);
    thread.latency.recordValue(delayNs);
    this.#interval.recordValue(delayNs);
    thread.readySinceNs = null;
  }

  /** What ended since the last call. */
  endInterval(atS: number): LatencyInterval {
    const interval = describeInterval(this.#interval, atS);
    this.#interval = makeHistogram();
    return interval;
  }

  get lost(): number {
    return this.#lost;
  }

  /** Ascending by vCPU. A delay that has not ended is in none. */
  describe(): readonly VcpuReading[] {
    return [...this.#byTid.values()]
      .map(({ vcpu, latency, migrations, preemptions }) => ({ vcpu, latency, migrations, preemptions }))
      .sort((a, b) => a.vcpu - b.vcpu);
  }
}

export function describeInterval(histogram: Histogram, atS: number): LatencyInterval {
  return {
    ...{ atS, count: histogram.totalCount },
    p50Us: percentileUs(histogram, 50),
    p99Us: percentileUs(histogram, 99),
    maxUs: histogram.maxValue / 1000,
  };
}
