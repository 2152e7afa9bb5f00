// When somebody has to be told beside the log: of what stays wrong, and of a guest whose vCPUs somebody else keeps moving.
import type { VmId } from '#domain/ids.ts';
import type { Notice } from '#domain/notice.ts';
import type { Pass } from './reconciler.ts';

/** Guests that start, stop or hang for a moment are nobody's business. */
const STANDS_AFTER_MS = 60_000;
/** A start is one repair, a hotplugged vCPU another. */
const CONTESTED_REPAIRS = 4;
const CONTESTED_WITHIN_MS = 10 * 60_000;
/** Whoever is told too often stops reading. */
const BETWEEN_MS = 60 * 60_000;

interface Standing {
  readonly problem: string;
  readonly sinceMs: number;
  readonly told: boolean;
}

/** To be called after every pass, with a clock that never goes back; returns what is to be told now, mostly nothing. */
export function makeNotices(): (pass: Pass, nowMs: number) => readonly Notice[] {
  const standing = new Map<VmId | null, Standing>();
  const repairs = new Map<VmId, { readonly pid: number; readonly atMs: readonly number[] }>();
  const waiting: Notice[] = [];
  let lastMs = -Infinity;
  return (pass, nowMs) => {
    waiting.push(...takeStanding(standing, pass, nowMs), ...takeContested(repairs, pass, nowMs));
    if (waiting.length === 0 || nowMs - lastMs < BETWEEN_MS) return [];
    lastMs = nowMs;
    return waiting.splice(0);
  };
}

function takeStanding(standing: Map<VmId | null, Standing>, { problems }: Pass, nowMs: number): readonly Notice[] {
  for (const vmid of standing.keys()) if (!problems.has(vmid)) standing.delete(vmid);
  return [...problems].flatMap(([vmid, problem]) => {
    const known = standing.get(vmid);
    const sinceMs = known?.sinceMs ?? nowMs;
    const isDue = known?.told !== true && nowMs - sinceMs >= STANDS_AFTER_MS;
    standing.set(vmid, { problem, sinceMs, told: isDue || known?.told === true });
    return isDue ? [{ kind: 'problem' as const, vmid, problem }] : [];
  });
}

function takeContested(
  repairs: Map<VmId, { readonly pid: number; readonly atMs: readonly number[] }>,
  { repaired }: Pass,
  nowMs: number,
): readonly Notice[] {
  return repaired.flatMap(repair => {
    if (repair.kind !== 'threads' || !repair.threads.some(({ thread }) => thread.role.kind === 'vcpu')) return [];
    const { vmid, pid } = repair;
    const known = repairs.get(vmid);
    const earlier = known?.pid === pid ? known.atMs.filter(atMs => nowMs - atMs < CONTESTED_WITHIN_MS) : [];
    const atMs = [...earlier, nowMs];
    const isContested = atMs.length >= CONTESTED_REPAIRS;
    repairs.set(vmid, { pid, atMs: isContested ? [] : atMs });
    return isContested ? [{ kind: 'contested' as const, vmid, repairs: atMs.length }] : [];
  });
}
