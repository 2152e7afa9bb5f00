// Remembers what the kernel or systemd has refused: trying makes and removes cgroups, or starts programs, and must not go on in every pass.
import { encodeIdList } from '#domain/id-list.ts';
import type { Repair } from './repair.ts';

export interface Refusals {
  /** Why this partition is not tried now; null when it may be. Each question counts as a pass. */
  readonly reason: (repair: Repair) => string | null;
  readonly note: (repair: Repair, reason: string) => void;
}

/** After so many passes, five minutes at the usual period, it is tried again. */
const PASSES = 60;

export function makeRefusals(): Refusals {
  const refused = new Map<string, { readonly reason: string; left: number }>();
  return {
    reason: repair => {
      const entry = refused.get(keyOf(repair) ?? '');
      if (entry === undefined || --entry.left <= 0) return null;
      return entry.reason;
    },
    note: (repair, reason) => {
      const key = keyOf(repair);
      if (key !== null) refused.set(key, { reason, left: PASSES });
    },
  };
}

/** Another process, other CPUs or other threads are another matter. */
function keyOf(repair: Repair): string | null {
  if (repair.kind === 'unit') return [repair.unit, encodeIdList(repair.after)].join();
  if (repair.kind !== 'enter-partition') return null;
  return [repair.vmid, encodeIdList(repair.partition.cpus), ...repair.partition.tids].join();
}
