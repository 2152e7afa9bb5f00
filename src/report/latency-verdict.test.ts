// The one sentence of each verdict.
import { expect, it } from 'vitest';
import type { LatencyComparison, LatencyVerdict, Percentile, PercentileComparison } from '#domain/measurement.ts';
import { renderLatencyVerdict } from './latency-verdict.ts';

const around = (value: number) => ({ value, low: value * 0.8, high: value * 1.25 });

const judged = (percentile: Percentile, ratio: number, pValue: number): PercentileComparison => {
  return {
    percentile,
    asFoundUs: around(100),
    asPlannedUs: around(100 * ratio),
    ratio: around(ratio),
    noise: around(1),
    pValue,
  };
};

const comparison = (verdict: LatencyVerdict, percentiles: readonly PercentileComparison[]): LatencyComparison => {
  return { verdict, rounds: 8, confidence: 0.95, percentiles, cliffsDelta: around(0.3), distributionPValue: 0.01 };
};

const same = judged(50, 0.98, 0.7);
const lower = judged(99.9, 0.2, 0.001);
const higher = judged(99, 12, 0.001);

it.each([
  ['better', [same, lower], 'Better: p99.9 is 0.20 times what it was (95 % interval 0.16 to 0.25).'],
  ['worse', [same, higher], 'Worse: p99 is 12 times what it was (95 % interval 9.60 to 15).'],
  [
    'mixed',
    [same, higher, lower],
    'Mixed: p99.9 is 0.20 times what it was (95 % interval 0.16 to 0.25); but p99 is 12 times what it was (95 % interval 9.60 to 15).',
  ],
  [
    'no-difference',
    [same],
    'No difference that this measurement could see: p50 is 0.98 times what it was, and unchanged it differs from itself by up to 25 %.',
  ],
  ['too-little', [], 'Too little was measured to tell a difference: hardly any events.'],
] as const)('renderLatencyVerdict() of %s', (verdict, percentiles, expected) => {
  expect(renderLatencyVerdict(comparison(verdict, percentiles))).toBe(expected);
});

it('renderLatencyVerdict() says how many rounds it would have taken', () => {
  const none = { ...comparison('too-little', []), rounds: 1 };
  expect(renderLatencyVerdict(none)).toBe('Too little was measured to tell a difference: 1 round, and it takes 3.');
});
