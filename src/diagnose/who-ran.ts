// Who ran on each CPU between two looks: guests' threads, tasks of the host, and tasks that nobody met.
import type { Competitor } from '#domain/diagnosis.ts';
import type { CpuId, VmId } from '#domain/ids.ts';
import type { CpuTimesReading, Sampling, ThreadSample } from '#domain/sampling.ts';
import { piecesOf } from './pieces.ts';

export interface Runner {
  /** Null for tasks that nobody met. */
  readonly thread: ThreadSample | null;
  /** Null for the host's own. */
  readonly owner: VmId | null;
  /** As others see it. */
  readonly who: Competitor;
  readonly runNs: number;
}

/** By slot (see `Piece`) and CPU. */
export type WhoRan = (slot: number, cpu: CpuId) => readonly Runner[];

type Slot = Map<CpuId, Runner[]>;

const NS_PER_MS = 1_000_000;

export function makeWhoRan({ cpuTimes, guests, tasks }: Sampling): WhoRan {
  const slots: readonly Slot[] = cpuTimes.slice(1).map(() => new Map());
  const add = (thread: ThreadSample, owner: VmId | null, who: Competitor) => {
    for (const { slot, cpu, runNs } of piecesOf(thread, cpuTimes)) {
      const cpus = slots[slot];
      if (cpus === undefined || runNs === 0) continue;
      const runners = cpus.get(cpu) ?? [];
      runners.push({ thread, owner, who, runNs });
      cpus.set(cpu, runners);
    }
  };
  for (const { vmid, threads } of guests) for (const thread of threads) add(thread, vmid, { kind: 'guest', vmid });
  for (const task of tasks) {
    const { pid, name, owner } = task;
    add(task, owner, owner === null ? { kind: 'task', pid, name } : { kind: 'guest', vmid: owner });
  }
  for (const [slot, cpus] of slots.entries()) addUnseen(cpus, cpuTimes[slot], cpuTimes[slot + 1]);
  return (slot, cpu) => slots[slot]?.get(cpu) ?? [];
}

/**
 * What CPUs spent on tasks beyond those that are known. A thread that moved between two looks was taken to be on the wrong CPU for a
 * while, which makes CPUs look too busy and others too idle; so no more is unseen in all than the sums over all CPUs leave.
 */
function addUnseen(cpus: Slot, from: CpuTimesReading | undefined, to: CpuTimesReading | undefined): void {
  const beyond = new Map<CpuId, number>();
  let leftNs = 0;
  for (const [cpu, { tasksMs }] of to?.cpus ?? []) {
    const before = from?.cpus.get(cpu)?.tasksMs;
    if (before === undefined) continue;
    const unknownNs = (tasksMs - before) * NS_PER_MS - sumRunNs(cpus.get(cpu) ?? []);
    leftNs += unknownNs;
    if (unknownNs > 0) beyond.set(cpu, unknownNs);
  }
  const beyondNs = [...beyond.values()].reduce((sum, ns) => sum + ns, 0);
  if (leftNs <= 0 || beyondNs === 0) return;
  for (const [cpu, ns] of beyond) {
    const runner: Runner = { thread: null, owner: null, who: { kind: 'unseen' }, runNs: (ns * leftNs) / beyondNs };
    cpus.set(cpu, [...(cpus.get(cpu) ?? []), runner]);
  }
}

export const sumRunNs = (runners: readonly { readonly runNs: number }[]): number =>
  runners.reduce((sum, { runNs }) => sum + runNs, 0);
