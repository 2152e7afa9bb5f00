// How much wider than a normal distribution's an interval from few values has to be.

const NORMAL_975 = 1.959963984540054;

/**
 * Student's t, 97.5 %, by its expansion around the normal distribution (Abramowitz and Stegun 26.7.5): within 1 % from 3 degrees of freedom.
 * @param degrees at least 2
 */
export function studentT975(degrees: number): number {
  const z = NORMAL_975;
  const terms = [
    z,
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160,
  ];
  return terms.reduce((sum, term, power) => sum + term / degrees ** power, 0);
}

/**
 * The factor for an interval that was bootstrapped from `count` values in runs of `run`: they are spread less around their own mean than around
 * the true one, and runs vary less than single values do.
 */
export function smallSampleFactor(count: number, run: number): number {
  const degrees = count - run;
  return (studentT975(degrees) / NORMAL_975) * Math.sqrt(count / degrees);
}
