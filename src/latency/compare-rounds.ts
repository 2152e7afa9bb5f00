// Compares as found with as planned, round by round: blocks are the units, because events within one hang together.
import {
  type Estimate,
  type LatencyComparison,
  type LatencyVerdict,
  PERCENTILES,
  type Percentile,
  type PercentileComparison,
} from '#domain/measurement.ts';
import { bootstrapMean, meanOf } from './bootstrap-mean.ts';
import { cliffsDelta, sharesUpTo } from './distribution.ts';
import { type Histogram, mergeHistograms } from './histogram.ts';
import { distancePValue, familyPValues, permuteRounds, type RoundFigures } from './permute-rounds.ts';
import type { Random } from './seeded-random.ts';

/** The three blocks of a round, all vCPUs together. */
export interface LatencyRound {
  readonly asFound: Histogram;
  readonly asPlanned: Histogram;
  readonly asFoundAgain: Histogram;
}

const CONFIDENCE = 0.95;
/** With two, the most conspicuous of all outcomes has a chance of 1 in 9. */
const FEWEST_ROUNDS = 3;
/** Of each block: fewer say nothing about where a percentile is. */
const FEWEST_BEYOND = 10;
/** Values at which the distributions are compared: percentiles of all events together. */
const GRID = Array.from({ length: 49 }, (_, index) => (index + 1) * 2);

/**
 * 1. Judge the percentiles that have enough events beyond them in each block.
 * 2. Of each round: the logarithm of the planned block's percentile, less the mean of the two as found; drift that is even falls out.
 * 3. A permutation test within rounds, corrected for the number of percentiles; intervals of the mean by block bootstrap.
 * 4. A percentile has changed when its p value says so and the change is larger than what two blocks as found differ in.
 */
export function compareRounds(rounds: readonly LatencyRound[], random: Random): LatencyComparison {
  const judged = rounds.length < FEWEST_ROUNDS ? [] : PERCENTILES.filter(percentile => canJudge(percentile, rounds));
  const about = { rounds: rounds.length, confidence: CONFIDENCE };
  if (judged.length === 0) {
    return { verdict: 'too-little', ...about, percentiles: [], cliffsDelta: null, distributionPValue: null };
  }
  const logs = rounds.map(round => mapBlocks(round, histogram => judged.map(at => logOf(histogram, at))));
  const pValues = familyPValues(permuteRounds(logs, random));
  const percentiles = judged.map((percentile, index) =>
    comparePercentile(percentile, pValues[index] ?? 1, { logs: logs.map(round => pick(round, index)), random }),
  );
  const all = mergeHistograms(
    rounds.flatMap(({ asFound, asPlanned, asFoundAgain }) => [asFound, asPlanned, asFoundAgain]),
  );
  const grid = [...new Set(GRID.map(percentile => all.getValueAtPercentile(percentile)))];
  const shares = rounds.map(round => mapBlocks(round, histogram => sharesUpTo(histogram, grid)));
  const deltas = rounds.map(({ asFound, asPlanned, asFoundAgain }) =>
    meanOf([cliffsDelta(asFound, asPlanned), cliffsDelta(asFoundAgain, asPlanned)]),
  );
  return {
    verdict: verdictOf(percentiles),
    ...about,
    percentiles,
    cliffsDelta: within(-1, 1, bootstrapMean(deltas, random)),
    distributionPValue: distancePValue(permuteRounds(shares, random)),
  };
}

function canJudge(percentile: Percentile, rounds: readonly LatencyRound[]): boolean {
  const share = 1 - percentile / 100;
  return rounds.every(({ asFound, asPlanned, asFoundAgain }) =>
    [asFound, asPlanned, asFoundAgain].every(({ totalCount }) => totalCount * share >= FEWEST_BEYOND - 1e-6),
  );
}

function mapBlocks(round: LatencyRound, figures: (histogram: Histogram) => readonly number[]): RoundFigures {
  return [figures(round.asFound), figures(round.asPlanned), figures(round.asFoundAgain)];
}

/** Nothing is faster than 1 ns. */
const logOf = (histogram: Histogram, percentile: Percentile): number =>
  Math.log(Math.max(1, histogram.getValueAtPercentile(percentile)));

const pick = (round: RoundFigures, index: number): readonly [number, number, number] => [
  round[0][index] ?? 0,
  round[1][index] ?? 0,
  round[2][index] ?? 0,
];

function comparePercentile(
  percentile: Percentile,
  pValue: number,
  { logs, random }: { logs: readonly (readonly [number, number, number])[]; random: Random },
): PercentileComparison {
  const estimate = (value: (round: readonly [number, number, number]) => number) =>
    exponential(bootstrapMean(logs.map(value), random));
  return {
    percentile,
    asFoundUs: scale(
      estimate(([first, , last]) => (first + last) / 2),
      1e-3,
    ),
    asPlannedUs: scale(
      estimate(([, planned]) => planned),
      1e-3,
    ),
    ratio: estimate(([first, planned, last]) => planned - (first + last) / 2),
    noise: estimate(([first, , last]) => last - first),
    pValue,
  };
}

const exponential = ({ value, low, high }: Estimate): Estimate => {
  return { value: Math.exp(value), low: Math.exp(low), high: Math.exp(high) };
};

const scale = ({ value, low, high }: Estimate, factor: number): Estimate => {
  return { value: value * factor, low: low * factor, high: high * factor };
};

const within = (least: number, most: number, { value, low, high }: Estimate): Estimate => {
  return { value, low: Math.max(least, low), high: Math.min(most, high) };
};

/** Above the noise floor, whichever way that lies. */
export function isChanged({ pValue, ratio, noise }: PercentileComparison): boolean {
  const floor = Math.max(Math.abs(Math.log(noise.low)), Math.abs(Math.log(noise.high)));
  return pValue <= 1 - CONFIDENCE + 1e-12 && Math.abs(Math.log(ratio.value)) > floor;
}

function verdictOf(percentiles: readonly PercentileComparison[]): LatencyVerdict {
  const changed = percentiles.filter(isChanged);
  const lower = changed.some(({ ratio }) => ratio.value < 1);
  const higher = changed.some(({ ratio }) => ratio.value > 1);
  if (lower && higher) return 'mixed';
  if (lower) return 'better';
  return higher ? 'worse' : 'no-difference';
}
