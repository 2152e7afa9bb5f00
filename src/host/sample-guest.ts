// Follows the threads and the cgroup of one running VM.
import type { GuestThread, ThreadRole, VmGuest, VmRuntime } from '#domain/guest.ts';
import type { CpuSet } from '#domain/id-set.ts';
import type {
  CgroupReading,
  SampledGuest,
  SampledGuestThread,
  ThreadCounters,
  ThreadReading,
} from '#domain/sampling.ts';
import type { Unknown } from '#domain/text-tree.ts';
import { parseAllowedCpus } from '#topology/parse-proc-status.ts';
import type { Host } from './host.ts';
import { readGuestMemory } from './read-guest-memory.ts';
import { readParsed } from './read-parsed.ts';
import { readVmRuntime } from './read-vm-runtime.ts';
import { findCgroup, readCgroup } from './sample-cgroup.ts';
import { type Clock, readThread, readThreadCounters } from './sample-thread.ts';
import { readStartTime } from './vm-process.ts';

interface FollowedThread {
  role: ThreadRole;
  readonly name: string;
  readonly allowed: CpuSet;
  readonly firstCounters: ThreadCounters | null;
  readonly readings: ThreadReading[];
}

export type RunningVm = VmGuest & { readonly runtime: VmRuntime };

export class GuestSampler {
  readonly #host: Host;
  readonly #clock: Clock;
  readonly #vm: RunningVm;
  readonly #cgroup: string | null;
  readonly #first: CgroupReading | null;
  readonly #threads = new Map<number, FollowedThread>();
  readonly #known: ReadonlyMap<number, GuestThread>;

  /** What could not be read is added to `unknown`. */
  constructor(vm: RunningVm, { host, clock, unknown }: { host: Host; clock: Clock; unknown: Unknown[] }) {
    this.#host = host;
    this.#clock = clock;
    this.#vm = vm;
    this.#known = new Map(vm.runtime.threads.map(thread => [thread.tid, thread]));
    this.#cgroup = findCgroup(host, vm.runtime.pid, unknown);
    this.#first = this.#readCgroup();
  }

  /** Threads that have come are followed from now on; those that have gone keep what was seen. */
  look(): void {
    for (const name of this.#host.list(`/proc/${this.#vm.runtime.pid}/task`)) {
      const tid = Number(name);
      const read = readThread(this.#host, this.#path(tid), this.#clock);
      if (read === null) continue;
      const thread = this.#threads.get(tid) ?? this.#meet(tid, read.name);
      thread?.readings.push(read.reading);
    }
  }

  #meet(tid: number, name: string): FollowedThread | null {
    const allowed = readParsed(this.#host, `${this.#path(tid)}/status`, parseAllowedCpus);
    if (allowed === null) return null;
    const thread: FollowedThread = {
      role: this.#known.get(tid)?.role ?? { kind: 'emulator' },
      ...{ name, allowed, readings: [] },
      firstCounters: readThreadCounters(this.#host, this.#path(tid)),
    };
    this.#threads.set(tid, thread);
    return thread;
  }

  /** What its threads did at the last few looks. */
  describe(looks = Number.POSITIVE_INFINITY): SampledGuest {
    const { vmid, runtime } = this.#vm;
    return {
      ...{ vmid, state: 'running', cgroup: null, memory: null },
      unreadable: runtime.unreadable ?? null,
      threads: this.#describeThreads(() => null, looks),
    };
  }

  /** After the last look. */
  async finish(unknown: Unknown[]): Promise<SampledGuest> {
    const { vmid, hugepages, runtime } = this.#vm;
    const { pid } = runtime;
    if (readStartTime(this.#host, pid) !== runtime.startTime) return { ...this.describe(), state: 'gone' };
    await this.#nameNewThreads();
    const last = this.#readCgroup();
    return {
      ...{ vmid, state: 'running' },
      unreadable: runtime.unreadable ?? null,
      threads: this.#describeThreads(tid => readThreadCounters(this.#host, this.#path(tid))),
      cgroup: this.#first && last && { first: this.#first, last },
      memory: readGuestMemory(this.#host, { pid, cgroup: this.#cgroup, hugepages: hugepages !== null }, unknown),
    };
  }

  /** A vCPU that was plugged meanwhile is one of the threads that QEMU did not know at first. */
  async #nameNewThreads(): Promise<void> {
    if ([...this.#threads.keys()].every(tid => this.#known.has(tid))) return;
    const runtime = await readVmRuntime(this.#host, this.#vm.vmid).catch(() => null);
    for (const { tid, role } of runtime?.threads ?? []) {
      const thread = this.#threads.get(tid);
      if (thread !== undefined) thread.role = role;
    }
  }

  #describeThreads(
    readLast: (tid: number) => ThreadCounters | null,
    looks = Number.POSITIVE_INFINITY,
  ): readonly SampledGuestThread[] {
    return [...this.#threads]
      .sort(([a], [b]) => a - b)
      .map(([tid, { role, name, allowed, readings, firstCounters: first }]) => {
        const last = first && readLast(tid);
        return {
          tid,
          role,
          name,
          allowed,
          readings: readings.slice(-looks),
          counters: first && last && { first, last },
        };
      });
  }

  #readCgroup(): CgroupReading | null {
    return this.#cgroup === null ? null : readCgroup(this.#host, this.#cgroup, this.#clock);
  }

  #path(tid: number): string {
    return `/proc/${this.#vm.runtime.pid}/task/${tid}`;
  }
}
