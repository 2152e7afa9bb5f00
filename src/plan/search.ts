// Arranges all guests at once and quickly: everything is tried where that is little, elsewhere a good arrangement is made and improved.
import { AIMS, type Proof } from '#domain/plan.ts';
import { compareValues } from './aim-values.ts';
import { makeArrangement, type SearchInput, type SearchResult, type Settled, settle } from './arrangement.ts';
import { construct } from './construct.ts';
import { exhaust } from './exhaust.ts';
import { improve } from './improve.ts';
import { lacksCores, lacksMemory, leastValues, lowerBounds } from './lower-bounds.ts';

/** With more guests than this, trying everything would not come to an end. */
const FEW_GUESTS = 12;
/** A shape costs more to place than to look at. */
const IMPROVE_SHARE = 8;

/**
 * The best arrangement that was found, in the lexicographic order of AIMS; the seed, unless something is truly better.
 * 1. With few guests: try everything, as far as the budget goes.
 * 2. Else, or if that did not end: one guest after the other, best fit first (`construct`),
 * 3. then take some guests out and place them again, over and over (`improve`).
 */
export function searchArrangement(input: SearchInput): SearchResult {
  const { demands, budget } = input;
  const bounds = lowerBounds(input);
  if (bounds === null || lacksCores(input) || lacksMemory(input)) return { kind: 'none', proved: true };
  const seed = input.seed && settle(input.seed, input);
  const isSmall = demands.length <= FEW_GUESTS;
  const tried = isSmall ? exhaust(input, { bounds, seed, budget }) : { best: seed, isComplete: false };
  if (tried.isComplete) {
    return tried.best ? found(tried.best, { kind: 'optimal' }) : { kind: 'none', proved: true };
  }
  const start = better(tried.best, construct(input));
  if (start === null) return { kind: 'none', proved: false };
  const least = leastValues(input, bounds);
  const best = improve(input, { start, least, budget: Math.floor(budget / IMPROVE_SHARE) });
  return found(best, proofOf(best.values, least));
}

const found = (settled: Settled, proof: Proof): SearchResult => ({
  kind: 'found',
  arrangement: makeArrangement(settled, proof),
});

/** The first, unless the second is truly better. */
function better(a: Settled | null, b: Settled | null): Settled | null {
  if (a === null || b === null) return a ?? b;
  return compareValues(b.values, a.values) < 0 ? b : a;
}

/** Proved without further search as far as values are as small as they can be. */
function proofOf(values: readonly number[], least: readonly number[]): Proof {
  const open = AIMS.findIndex((_, index) => values[index] !== least[index]);
  const aim = AIMS[open];
  if (aim === undefined) return { kind: 'optimal' };
  return { kind: 'unproved', firstUnproved: aim, distance: (values[open] ?? 0) - (least[open] ?? 0) };
}
