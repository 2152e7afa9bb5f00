// What the comparison says about rounds of which it is known what was changed.
import { describe, expect, it } from 'vitest';
import { compareRounds, isChanged, type LatencyRound } from './compare-rounds.ts';
import { type Histogram, makeHistogram } from './histogram.ts';
import { type Random, seededRandom } from './seeded-random.ts';

/** Exponential, with a level that differs from block to block by a few per cent. */
function block(random: Random, { scale = 1, tail = 1, events = 2000 }): Histogram {
  const histogram = makeHistogram();
  const level = scale * (0.97 + 0.06 * random());
  for (let event = 0; event < events; event++) {
    const isTail = event % 50 === 0;
    const ns = -Math.log(1 - random()) * (isTail ? 500_000 * tail : 10_000) * level;
    histogram.recordValue(Math.ceil(ns));
  }
  return histogram;
}

interface Shape {
  readonly rounds?: number;
  readonly events?: number;
  readonly scale?: number;
  readonly tail?: number;
  /** Each block is so many times as slow as the one before. */
  readonly drift?: number;
}

function simulate({ rounds = 6, events = 2000, scale = 1, tail = 1, drift = 1 }: Shape): readonly LatencyRound[] {
  const random = seededRandom(5);
  return Array.from({ length: rounds }, (_, round) => {
    const at = (position: number) => drift ** (3 * round + position);
    return {
      asFound: block(random, { events, scale: at(0) }),
      asPlanned: block(random, { events, scale: scale * at(1), tail }),
      asFoundAgain: block(random, { events, scale: at(2) }),
    };
  });
}

const compare = (shape: Shape) => compareRounds(simulate(shape), seededRandom(1));

describe('compareRounds()', () => {
  it('sees no difference where nothing was changed', () => {
    const { verdict, percentiles, cliffsDelta } = compare({});
    expect(verdict).toBe('no-difference');
    expect(percentiles.map(({ percentile }) => percentile)).toEqual([50, 99]);
    expect(cliffsDelta?.low).toBeLessThan(0);
    expect(cliffsDelta?.high).toBeGreaterThan(0);
  });

  it('says better, with the ratio in its interval', () => {
    const { verdict, percentiles, distributionPValue, cliffsDelta } = compare({ scale: 0.5 });
    expect(verdict).toBe('better');
    for (const { ratio, pValue } of percentiles) {
      expect(Math.abs(Math.log(ratio.value / 0.5))).toBeLessThan(0.15);
      expect(ratio.low).toBeLessThan(ratio.value);
      expect(ratio.high).toBeGreaterThan(ratio.value);
      expect(pValue).toBeLessThan(0.01);
    }
    expect(distributionPValue).toBeLessThan(0.01);
    expect(cliffsDelta?.value).toBeGreaterThan(0.2);
  });

  it('says worse', () => {
    expect(compare({ scale: 1.5 }).verdict).toBe('worse');
  });

  it('says mixed when the middle gains what the tail loses', () => {
    const { verdict, percentiles } = compare({ scale: 0.6, tail: 5 });
    expect(verdict).toBe('mixed');
    expect(percentiles.map(({ ratio }) => ratio.value < 1)).toEqual([true, false]);
  });

  it('sees a change of the tail alone, and says that it is there', () => {
    const [median, tail] = compare({ tail: 0.2 }).percentiles;
    expect(median && isChanged(median)).toBe(false);
    expect(tail && isChanged(tail)).toBe(true);
  });

  it('is not taken in by drift, however even', () => {
    expect(compare({ drift: 1.05 }).verdict).toBe('no-difference');
  });

  it('sees a change through drift', () => {
    expect(compare({ drift: 1.02, scale: 0.5 }).verdict).toBe('better');
  });

  it.each([
    ['two rounds', { rounds: 2 }],
    ['no rounds', { rounds: 0 }],
    ['blocks of ten events', { events: 10 }],
    ['blocks without events', { events: 0 }],
  ])('says too little of %s', (_, shape) => {
    expect(compare(shape)).toMatchObject({ verdict: 'too-little', percentiles: [], cliffsDelta: null });
  });

  it('judges a percentile only with ten events beyond it in each block', () => {
    expect(compare({ events: 999 }).percentiles.map(({ percentile }) => percentile)).toEqual([50]);
    expect(compare({ events: 1000 }).percentiles.map(({ percentile }) => percentile)).toEqual([50, 99]);
    expect(compare({ rounds: 3, events: 10_000 }).percentiles.map(({ percentile }) => percentile)).toEqual([
      50, 99, 99.9,
    ]);
  });
});
