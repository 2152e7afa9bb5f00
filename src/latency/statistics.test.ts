// The statistics beside values that were computed elsewhere: SciPy 1.17 for t, NumPy enumeration for permutations and bootstrap.
import { describe, expect, it, test } from 'vitest';
import { bootstrapMean } from './bootstrap-mean.ts';
import { correctOmission } from './correct-omission.ts';
import { cliffsDelta, sharesUpTo } from './distribution.ts';
import { type Histogram, makeHistogram, percentileUs } from './histogram.ts';
import { distancePValue, familyPValues, permuteRounds, type RoundFigures } from './permute-rounds.ts';
import { seededRandom } from './seeded-random.ts';
import { smallSampleFactor, studentT975 } from './student-t.ts';

function histogramOf(...values: readonly number[]): Histogram {
  const histogram = makeHistogram();
  for (const value of values) histogram.recordValue(value);
  return histogram;
}

test.each([
  [2, 4.30265, 0.05],
  [3, 3.18245, 0.01],
  [4, 2.77645, 0.003],
  [7, 2.36462, 0.0003],
  [11, 2.20099, 0.0001],
  [30, 2.04227, 0.0001],
])('studentT975(%i) is %f', (degrees, exact, within) => {
  expect(Math.abs(studentT975(degrees) - exact)).toBeLessThan(within);
});

test.each([
  [8, 1, 1.28976],
  [8, 2, 1.44158],
])('smallSampleFactor() of %i rounds in runs of %i', (count, run, expected) => {
  expect(smallSampleFactor(count, run)).toBeCloseTo(expected, 2);
});

describe('bootstrapMean()', () => {
  const values = [3.1, 2.7, 3.8, 2.2, 3.3, 2.9, 4.1, 2.5];

  it('agrees with all 4096 resamples of runs of two, widened for eight values', () => {
    const { value, low, high } = bootstrapMean(values, seededRandom(1));
    expect(value).toBeCloseTo(3.075, 12);
    expect(Math.abs(low - 2.75064)).toBeLessThan(0.03);
    expect(Math.abs(high - 3.4354)).toBeLessThan(0.03);
  });

  it('is a point when nothing varies', () => {
    expect(bootstrapMean([2, 2, 2], seededRandom(1))).toEqual({ value: 2, low: 2, high: 2 });
  });

  it('is the same for the same seed', () => {
    expect(bootstrapMean(values, seededRandom(7))).toEqual(bootstrapMean(values, seededRandom(7)));
  });
});

describe('permuteRounds()', () => {
  const rounds: readonly RoundFigures[] = [
    [
      [3, 1],
      [1, 1.1],
      [2.8, 0.9],
    ],
    [
      [2, 1],
      [1.2, 0.95],
      [2.5, 1.2],
    ],
    [
      [4, 1.3],
      [0.9, 1.25],
      [3, 1],
    ],
    [
      [2.6, 0.9],
      [1.4, 1.15],
      [2.2, 1.1],
    ],
  ];
  const sums = permuteRounds(rounds, seededRandom(1));

  it('tries every assignment, the true one first', () => {
    expect(sums.length).toBe(81);
    expect(sums[0]?.[0]).toBeCloseTo(-6.55, 12);
    // Of each round's three blocks one is chosen as often as another.
    expect(sums.reduce((total, [sum = 0]) => total + sum, 0)).toBeCloseTo(0, 9);
  });

  it('has p values for figures that are judged together', () => {
    const [clear, none] = familyPValues(sums);
    expect(clear).toBeCloseTo(0.012345679, 9);
    expect(none).toBeCloseTo(0.8148148148, 9);
  });

  it('has a p value for the largest distance', () => {
    expect(distancePValue(sums)).toBeCloseTo(0.012345679, 9);
  });

  it('draws assignments when there are too many to try, and comes to much the same', () => {
    const many = Array.from({ length: 12 }, (_, index) => rounds[index % 3] ?? rounds[0]).flatMap(round => round ?? []);
    const grouped = Array.from({ length: 12 }, (_, index) => many.slice(index * 3, index * 3 + 3)) as never;
    const drawn = permuteRounds(grouped, seededRandom(3));
    expect(drawn.length).toBe(7000);
    expect(familyPValues(drawn)[0]).toBeLessThan(0.001);
  });

  it('finds nothing conspicuous where all are equal', () => {
    const equal: RoundFigures = [[1], [1], [1]];
    expect(familyPValues(permuteRounds([equal, equal, equal], seededRandom(1)))).toEqual([1]);
  });
});

describe('cliffsDelta()', () => {
  it.each([
    [[1, 2, 2, 5, 9], [2, 3, 3, 8], -0.2],
    [[1, 2], [1, 2], 0],
    [[5, 6], [1, 2], 1],
    [[1], [70_000_000_000], -1],
    [[70_000_000_000], [1], 1],
  ])('of %j against %j is %f', (a, b, expected) => {
    expect(cliffsDelta(histogramOf(...a), histogramOf(...b))).toBeCloseTo(expected, 12);
  });
});

test('sharesUpTo() counts what is at most each value', () => {
  expect(sharesUpTo(histogramOf(1, 5, 9, 1000), [0, 1, 8, 9, 1e9])).toEqual([0, 0.25, 0.5, 0.75, 1]);
});

test('correctOmission() gives a stall the tests that it hid', () => {
  const corrected = correctOmission(histogramOf(...Array.from({ length: 99 }, () => 3000), 1_000_000), 200_000);
  // 1000, 800, 600, 400 and 200 µs.
  expect(corrected.totalCount).toBe(99 + 5);
  expect(percentileUs(corrected, 95)).toBeLessThan(4);
  expect(percentileUs(corrected, 97)).toBeGreaterThan(350);
});
