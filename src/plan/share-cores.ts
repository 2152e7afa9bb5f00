// Which guests share cores with which: those with the fewest odd threads, each on as few cores as possible.

/** A guest's threads that need not be a whole core. */
export interface OddThreads<Guest> {
  readonly guest: Guest;
  readonly threads: number;
}

/** One core, with the threads that guests have of it, in their order; the first of them has it among its own cores. */
export type SharedCore<Guest> = ReadonlyArray<OddThreads<Guest>>;

/**
 * 1. Guests with the fewest odd threads share, as many as find room on so many cores.
 * 2. Of these, those with the most come first, each to the first core that has room for all of its threads;
 * 3. else its threads are split over cores.
 */
export function shareCores<Guest>(
  odd: ReadonlyArray<OddThreads<Guest>>,
  { cores, threads }: { cores: number; threads: number },
): ReadonlyArray<SharedCore<Guest>> {
  const shared = Array.from({ length: cores }, () => ({ free: threads, parts: [] as OddThreads<Guest>[] }));
  const sharers = fewestWithin(odd, cores * threads);
  for (const { guest, threads: all } of sharers.sort((a, b) => b.threads - a.threads)) {
    const whole = shared.find(({ free }) => free >= all);
    let remaining = all;
    for (const core of whole ? [whole] : shared) {
      const part = Math.min(core.free, remaining);
      if (part > 0) core.parts.push({ guest, threads: part });
      core.free -= part;
      remaining -= part;
    }
  }
  return shared.map(({ parts }) => parts);
}

function fewestWithin<Guest>(odd: ReadonlyArray<OddThreads<Guest>>, threads: number): OddThreads<Guest>[] {
  const within: OddThreads<Guest>[] = [];
  let left = threads;
  for (const one of [...odd].sort((a, b) => a.threads - b.threads)) {
    left -= one.threads;
    if (left >= 0) within.push(one);
  }
  return within;
}
