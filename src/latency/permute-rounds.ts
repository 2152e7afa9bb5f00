// The permutation test: had the plan changed nothing, any of a round's three blocks could have been the planned one.
import type { Random } from './seeded-random.ts';

/** What the blocks of a round show, one number for each figure: as found, as planned, as found again. */
export type RoundFigures = readonly [readonly number[], readonly number[], readonly number[]];

/** Up to so many assignments all are tried; beyond, as many are drawn. 3 ** 8 is less. */
const MOST_ASSIGNMENTS = 7000;

/**
 * For each assignment of "planned" to one block of each round: the sum over rounds of that block less the mean of the other two, for
 * each figure. The first is the true assignment. Blocks that follow one another are alike, which makes the middle one the least
 * conspicuous: the test errs on the side of no difference.
 */
export function permuteRounds(rounds: readonly RoundFigures[], random: Random): readonly Float64Array[] {
  const contrasts = rounds.map(([first, middle, last]) => [
    contrast(middle, first, last),
    contrast(first, middle, last),
    contrast(last, first, middle),
  ]);
  const sumOf = (choices: (round: number) => number): Float64Array => {
    const sum = new Float64Array(rounds[0]?.[0].length ?? 0);
    contrasts.forEach((candidates, round) => {
      const chosen = candidates[choices(round)] ?? sum;
      for (let figure = 0; figure < sum.length; figure++) sum[figure] = (sum[figure] ?? 0) + (chosen[figure] ?? 0);
    });
    return sum;
  };
  const all = 3 ** rounds.length;
  if (all <= MOST_ASSIGNMENTS) {
    return Array.from({ length: all }, (_, number) => sumOf(round => Math.floor(number / 3 ** round) % 3));
  }
  return Array.from({ length: MOST_ASSIGNMENTS }, (_, number) =>
    sumOf(() => (number === 0 ? 0 : Math.floor(random() * 3))),
  );
}

function contrast(one: readonly number[], other: readonly number[], another: readonly number[]): Float64Array {
  return Float64Array.from(one, (value, index) => value - ((other[index] ?? 0) + (another[index] ?? 0)) / 2);
}

/** What rounding may do to sums that are equal in truth. */
const ROUNDING = 1e-9;

/**
 * Of several figures that are judged together: for each, how often the most conspicuous of all is at least as conspicuous as this one
 * was (Westfall and Young's single step). @param sums of `permuteRounds`
 */
export function familyPValues(sums: readonly Float64Array[]): readonly number[] {
  const [found = new Float64Array()] = sums;
  const spread = Array.from(found, (_, figure) => {
    const squares = sums.reduce((sum, of) => sum + (of[figure] ?? 0) ** 2, 0);
    return Math.sqrt(squares / sums.length);
  });
  const scaled = (sum: number, figure: number) => {
    const unit = spread[figure] ?? 0;
    return unit === 0 ? 0 : Math.abs(sum) / unit;
  };
  const largest = sums.map(of => of.reduce((most, sum, figure) => Math.max(most, scaled(sum, figure)), 0));
  return Array.from(found, (sum, figure) => shareAtLeast(largest, scaled(sum, figure)));
}

/** Kolmogorov and Smirnov's distance of shares at the same values, by permutation. @param sums of `permuteRounds` */
export function distancePValue(sums: readonly Float64Array[]): number {
  const distances = sums.map(of => of.reduce((most, sum) => Math.max(most, Math.abs(sum)), 0));
  return shareAtLeast(distances, distances[0] ?? 0);
}

const shareAtLeast = (values: readonly number[], bound: number): number =>
  values.filter(value => value >= bound - ROUNDING).length / values.length;
