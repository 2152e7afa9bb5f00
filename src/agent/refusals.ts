// Remembers what the kernel or systemd has refused: trying makes and removes cgroups, or starts programs, and must not go on in every pass.
import { encodeIdList } from '#domain/id-list.ts';
import type { Repair } from './repair.ts';

export interface Refusals {
  /** Why this partition is not tried now; null when it may be. Each question counts as a pass. */
  readonly reason: (repair: Repair) => string | null;
  readonly note: (repair: Repair, reason: string) => void;
}

/** Five minutes at the usual period. What failed once, as when a stranger was quicker, is tried again in the next pass; then in twice as many, and so on. */
const MOST_PASSES = 60;

export function makeRefusals(): Refusals {
  const refused = new Map<string, { readonly reason: string; readonly passes: number; left: number }>();
  return {
    reason: repair => {
      const entry = refused.get(keyOf(repair) ?? '');
      if (entry === undefined || --entry.left <= 0) return null;
      return entry.reason;
    },
    note: (repair, reason) => {
      const key = keyOf(repair);
      if (key === null) return;
      const passes = Math.min(MOST_PASSES, 2 * (refused.get(key)?.passes ?? 0.5));
      refused.set(key, { reason, passes, left: passes });
    },
  };
}

/** Another process, other CPUs or other threads are another matter. */
function keyOf(repair: Repair): string | null {
  if (repair.kind === 'unit') return [repair.unit, encodeIdList(repair.after)].join();
  if (repair.kind === 'layer') return repair.settings.map(({ path, after }) => `${path}=${after}`).join();
  if (repair.kind !== 'enter-partition') return null;
  return [repair.vmid, encodeIdList(repair.partition.cpus), ...repair.partition.tids].join();
}
