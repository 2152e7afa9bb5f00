// How many cores of each group are taken while the search puts guests together.
import type { SmtPolicy } from '#domain/policy.ts';
import type { CoreGroup } from './core-groups.ts';

/** What one guest takes of a group: whole cores, and `odd` threads more, which may be on cores that it shares; 0: none. */
export interface Taking {
  readonly whole: number;
  readonly odd: number;
}

/** What is taken of one group: whole cores, and by number of odd threads the guests that have so many. */
export interface Usage {
  readonly whole: number;
  readonly odd: readonly number[];
}

export const UNUSED: Usage = { whole: 0, odd: [] };

/** `extraCores` are its emulator's, which nobody shares. */
export function takingOf(
  { threads }: CoreGroup,
  { vcpus, smt, extraCores }: { vcpus: number; smt: SmtPolicy; extraCores: number },
): Taking {
  if (smt === 'any') return { whole: Math.floor(vcpus / threads) + extraCores, odd: vcpus % threads };
  return { whole: Math.ceil(vcpus / vcpusPerCore(threads, smt)) + extraCores, odd: 0 };
}

/** The most vCPUs of one guest on a core of so many threads: pairs are not torn, so the third of three stays idle. */
export function vcpusPerCore(threads: number, smt: SmtPolicy): number {
  if (smt === 'isolate') return 1;
  return smt === 'pairs' && threads > 1 ? threads - (threads % 2) : threads;
}

/** The usage after so many guests have taken this. */
export function take(usage: Usage, { whole, odd }: Taking, guests = 1): Usage {
  if (odd === 0 || guests === 0) return { whole: usage.whole + whole * guests, odd: usage.odd };
  const counts = [...usage.odd];
  while (counts.length <= odd) counts.push(0);
  counts[odd] = (counts[odd] ?? 0) + guests;
  return { whole: usage.whole + whole * guests, odd: counts };
}

/** Odd threads can be put together in any way: one guest's may even lie on several cores. */
export const fits = (group: CoreGroup, usage: Usage): boolean =>
  usage.whole + leastOddCores(group, usage) <= group.cores.length;

/** The most vCPUs of one guest that this group can still hold. */
export function room(group: CoreGroup, usage: Usage, smt: SmtPolicy): number {
  const { threads, cores } = group;
  if (smt === 'any') return Math.max(0, (cores.length - usage.whole) * threads - oddThreads(usage));
  const freeCores = Math.max(0, cores.length - usage.whole - leastOddCores(group, usage));
  return smt === 'pairs' && threads < 2 ? 0 : freeCores * vcpusPerCore(threads, smt);
}

/** Threads of guests that do not have the whole core. */
export const oddThreads = ({ odd }: Usage): number => odd.reduce((sum, guests, threads) => sum + guests * threads, 0);

const leastOddCores = ({ threads }: CoreGroup, usage: Usage): number => Math.ceil(oddThreads(usage) / threads);

/** Cores that nobody else can have. */
export function coresInUse(group: CoreGroup, usage: Usage): number {
  const shared = sharedCores(group, usage);
  return coresApart(usage) + shared - guestsWithin(shared * group.threads, usage);
}

/** Cores that different guests have to share: none as long as there is room otherwise, and never more than needed. */
export function sharedCores(group: CoreGroup, usage: Usage): number {
  const tooMany = coresApart(usage) - group.cores.length;
  if (tooMany <= 0) return 0;
  const most = leastOddCores(group, usage);
  let shared = 1;
  while (shared < most && guestsWithin(shared * group.threads, usage) - shared < tooMany) shared++;
  return shared;
}

/** Cores that are in use where nobody shares one. */
const coresApart = ({ whole, odd }: Usage): number => odd.reduce((sum, guests) => sum + guests, whole);

/** How many guests find their odd threads among so many: most when those with fewest come first. */
function guestsWithin(threads: number, { odd }: Usage): number {
  let left = threads;
  let within = 0;
  for (const [each, guests] of odd.entries()) {
    const more = each === 0 ? 0 : Math.min(guests, Math.floor(left / each));
    within += more;
    left -= more * each;
  }
  return within;
}
