// Cuts what threads did at the times when all CPUs were looked at, so that it can be compared CPU by CPU.
import type { CpuId } from '#domain/ids.ts';
import type { CpuTimesReading, ThreadSample } from '#domain/sampling.ts';
import { type Interval, intervalsOf } from './intervals.ts';

/** Part of an interval that lies on one CPU and between two looks: in slot n, from look n to look n + 1. */
export interface Piece {
  readonly slot: number;
  readonly cpu: CpuId;
  readonly runNs: number;
  readonly waitNs: number;
}

/** Time is taken to be even within an interval, and to be spent half on each CPU where the thread was seen. */
export const piecesOf = (thread: ThreadSample, looks: readonly CpuTimesReading[]): readonly Piece[] =>
  intervalsOf(thread).flatMap(interval => cut(interval, looks));

function cut({ fromMs, toMs, runNs, waitNs, cpus }: Interval, looks: readonly CpuTimesReading[]): readonly Piece[] {
  const pieces: Piece[] = [];
  const lastSlot = looks.length - 2;
  for (let slot = findSlot(fromMs, looks); slot <= lastSlot; slot++) {
    // Threads are read one after the other, so the first and the last slot take what lies a little outside.
    const slotFromMs = slot === 0 ? fromMs : (looks[slot]?.atMs ?? fromMs);
    const slotToMs = slot === lastSlot ? toMs : (looks[slot + 1]?.atMs ?? toMs);
    if (slotFromMs >= toMs) break;
    const overlapMs = Math.min(toMs, slotToMs) - Math.max(fromMs, slotFromMs);
    if (overlapMs <= 0) continue;
    const part = overlapMs / (toMs - fromMs) / cpus.length;
    for (const cpu of cpus) pieces.push({ slot, cpu, runNs: runNs * part, waitNs: waitNs * part });
  }
  return pieces;
}

/** The slot in which that time is; the nearest one for times outside of all. */
function findSlot(atMs: number, looks: readonly CpuTimesReading[]): number {
  let low = 0;
  let high = Math.max(0, looks.length - 2);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((looks[middle]?.atMs ?? 0) <= atMs) low = middle;
    else high = middle - 1;
  }
  return low;
}
