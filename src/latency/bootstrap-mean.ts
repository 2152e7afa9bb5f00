// Confidence intervals of means over rounds, by the moving-block bootstrap.
import type { Estimate } from '#domain/measurement.ts';
import type { Random } from './seeded-random.ts';
import { smallSampleFactor } from './student-t.ts';

const RESAMPLES = 2000;

/**
 * 95 %. Neighbouring rounds hang together, so they are drawn in runs of the cube root of their number, from a circle, so that
 * none is drawn less often than the others (Künsch 1989; Politis and Romano 1992). What is left of the bootstrap's optimism with few
 * rounds is put right as between Student's t and the normal distribution.
 * @param values one for each round, in order, at least three
 */
export function bootstrapMean(values: readonly number[], random: Random): Estimate {
  const count = values.length;
  const run = Math.floor(Math.cbrt(count));
  const mean = meanOf(values);
  const means = Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let drawn = 0, at = 0; drawn < count; drawn++) {
      at = drawn % run === 0 ? Math.floor(random() * count) : (at + 1) % count;
      sum += values[at] ?? 0;
    }
    return sum / count;
  }).sort((a, b) => a - b);
  const factor = smallSampleFactor(count, run);
  const bound = (share: number) => mean + ((means[Math.floor(share * (RESAMPLES - 1))] ?? mean) - mean) * factor;
  return { value: mean, low: bound(0.025), high: bound(0.975) };
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
