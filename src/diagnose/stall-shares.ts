// Stalls between two looks, as parts of the time.
import type { Stalls } from '#domain/sampling.ts';

interface StallReading {
  readonly atMs: number;
  readonly stalls: Stalls;
}

export interface StallShares {
  readonly cpuStall: number | null;
  readonly memoryStall: number | null;
  readonly ioStall: number | null;
}

const US_PER_MS = 1000;

/** Null where it was not read at both ends. */
export function stallShares(ends: { readonly first: StallReading; readonly last: StallReading } | null): StallShares {
  const share = (name: keyof Stalls): number | null => {
    const before = ends?.first.stalls[name] ?? null;
    const after = ends?.last.stalls[name] ?? null;
    if (ends === null || before === null || after === null || after < before) return null;
    const lengthUs = (ends.last.atMs - ends.first.atMs) * US_PER_MS;
    // Both files are read a moment after the clock.
    return lengthUs <= 0 ? null : Math.min(1, (after - before) / lengthUs);
  };
  return { cpuStall: share('cpuUs'), memoryStall: share('memoryUs'), ioStall: share('ioUs') };
}
