// Finds the threads of the host that use CPUs, and follows them: everything that is no thread of a VM's QEMU.
import type { VmId } from '#domain/ids.ts';
import type { SampledTask, ThreadReading } from '#domain/sampling.ts';
import type { TextTree } from '#domain/text-tree.ts';
import { parseCgroupOwner, parseCgroupPath } from '#topology/parse-cgroup-files.ts';
import type { Schedstat } from '#topology/parse-schedstat.ts';
import { readParsed } from './read-parsed.ts';
import { type Clock, readSchedstat, readThread } from './sample-thread.ts';

/** Less than half a percent of a CPU competes with nobody; together such threads are seen as busy time of their CPUs. */
const NOTICEABLE = 0.005;
const MOST_FOLLOWED = 64;
const NS_PER_MS = 1_000_000;

interface Followed {
  readonly pid: number;
  readonly tid: number;
  readonly name: string;
  readonly owner: VmId | null;
  readonly readings: ThreadReading[];
}

interface Noticed {
  readonly pid: number;
  readonly tid: number;
  readonly before: Schedstat;
  readonly runNs: number;
}

/** Reading all threads of a large host takes a tenth of a second, so that is done a few times only (`scan`), and else for the busy ones. */
export class TaskSampler {
  readonly #host: TextTree;
  readonly #clock: Clock;
  /** Processes of VMs, whose threads are sampled elsewhere. */
  readonly #vms: ReadonlyMap<number, VmId>;
  readonly #followed = new Map<string, Followed>();
  #scanned: ReadonlyMap<string, Schedstat> = new Map();
  #scannedAtMs = 0;

  constructor(host: TextTree, clock: Clock, vms: ReadonlyMap<number, VmId>) {
    this.#host = host;
    this.#clock = clock;
    this.#vms = vms;
  }

  /** Looks at all threads; the second scan and later ones begin to follow what was busy since the one before. */
  scan(): void {
    const atMs = this.#clock();
    const lengthNs = (atMs - this.#scannedAtMs) * NS_PER_MS;
    const isFirst = this.#scanned.size === 0;
    const now = new Map<string, Schedstat>();
    const noticed: Noticed[] = [];
    for (const { pid, tid } of this.#listThreads()) {
      const schedstat = readSchedstat(this.#host, taskPath(pid, tid));
      if (schedstat === null) continue;
      const key = `${pid}/${tid}`;
      now.set(key, schedstat);
      // One that was not there before has begun since.
      const before = this.#scanned.get(key) ?? { runNs: 0, waitNs: 0, slices: 0 };
      const runNs = schedstat.runNs - before.runNs;
      if (!isFirst && runNs >= lengthNs * NOTICEABLE && !this.#followed.has(key))
        noticed.push({ pid, tid, before, runNs });
    }
    noticed.sort((a, b) => b.runNs - a.runNs);
    for (const task of noticed.slice(0, MOST_FOLLOWED - this.#followed.size)) this.#follow(task);
    this.#scanned = now;
    this.#scannedAtMs = atMs;
  }

  /** Looks at those that are followed. */
  look(): void {
    for (const { pid, tid, readings } of this.#followed.values()) {
      const read = readThread(this.#host, taskPath(pid, tid), this.#clock);
      if (read !== null) readings.push(read.reading);
    }
  }

  /** What they did at the last few looks. */
  describe(looks = Number.POSITIVE_INFINITY): readonly SampledTask[] {
    return [...this.#followed.values()].map(task => ({ ...task, readings: task.readings.slice(-looks) }));
  }

  *#listThreads(): Generator<{ readonly pid: number; readonly tid: number }> {
    for (const name of this.#host.list('/proc')) {
      const pid = Number(name);
      if (!/^\d+$/.test(name) || this.#vms.has(pid)) continue;
      for (const tid of this.#host.list(`/proc/${pid}/task`)) yield { pid, tid: Number(tid) };
    }
  }

  /** It was where it is now at the scan before, too, as far as anybody knows. */
  #follow({ pid, tid, before }: Noticed): void {
    const read = readThread(this.#host, taskPath(pid, tid), this.#clock);
    if (read === null) return;
    const { name, reading } = read;
    const first = { ...before, atMs: this.#scannedAtMs, cpu: reading.cpu, isReady: reading.isReady };
    this.#followed.set(`${pid}/${tid}`, {
      pid,
      tid,
      name,
      owner: this.#ownerOf(pid, name),
      readings: [first, reading],
    });
  }

  /** By its cgroup; kernels before 6.4 run the network of a VM in threads of their own, named after its process. */
  #ownerOf(pid: number, name: string): VmId | null {
    const vhostOf = /^vhost-(\d+)$/.exec(name)?.[1];
    if (vhostOf !== undefined) return this.#vms.get(Number(vhostOf)) ?? null;
    const path = readParsed(this.#host, `/proc/${pid}/cgroup`, parseCgroupPath);
    return path === null ? null : parseCgroupOwner(path);
  }
}

const taskPath = (pid: number, tid: number): string => `/proc/${pid}/task/${tid}`;
