// Tests of the verdict: what it says for every outcome, and that the numbers are those of the comparison.
import { describe, expect, it } from 'vitest';
import type { LatencyComparison, LatencyVerdict, PercentileComparison } from '#domain/measurement.ts';
import { sampleMeasurement } from '#fixtures/sample-measurement.ts';
import { renderDistributionSentence, renderVerdictSentence, renderVerdictTitle } from './bench-verdict.ts';

const exactly = (value: number) => ({ value, low: value * 0.9, high: value * 1.1 });

const entry = (
  percentile: PercentileComparison['percentile'],
  ratio: number,
  pValue: number,
): PercentileComparison => ({
  percentile,
  asFoundUs: exactly(100),
  asPlannedUs: exactly(100 * ratio),
  ratio: exactly(ratio),
  noise: { value: 1.02, low: 0.99, high: 1.05 },
  pValue,
});

const measured = (verdict: LatencyVerdict, percentiles: readonly PercentileComparison[]) => {
  const comparison: LatencyComparison = {
    verdict,
    rounds: 5,
    confidence: 0.95,
    percentiles,
    cliffsDelta: null,
    distributionPValue: null,
  };
  return { ...sampleMeasurement, comparison };
};

describe('renderVerdictTitle()', () => {
  it.each([
    ['better', 'Guest 101 database: less latency as planned'],
    ['worse', 'Guest 101 database: more latency as planned'],
    ['mixed', 'Guest 101 database: better in part, worse in part'],
    ['no-difference', 'Guest 101 database: no difference that this measurement could see'],
    ['too-little', 'Guest 101 database: too little measured to tell'],
  ] as const)('of %s is "%s"', (verdict, title) => {
    expect(renderVerdictTitle(measured(verdict, []))).toBe(title);
  });

  it('keeps names from steering anything, and goes without one', () => {
    expect(renderVerdictTitle({ ...sampleMeasurement, guestName: '\u001b[31mx\n' })).toMatch(/^Guest 101 \?\[31mx\?: /);
    expect(renderVerdictTitle({ ...sampleMeasurement, guestName: null })).toMatch(/^Guest 101: /);
  });
});

describe('renderVerdictSentence()', () => {
  it('tells the highest percentile whose difference is more than chance', () => {
    const sentence = renderVerdictSentence(
      measured('better', [entry(50, 0.9, 0.01), entry(99, 0.2, 0.01), entry(99.9, 0.1, 0.3)]),
    );
    expect(sentence).toBe(
      '99 % of all wakeups came within 20 µs as planned, 100 µs as found: 5 times less (95 % interval of the ratio 0.18 to 0.22). Blocks between which nothing was changed differed 1.02 times.',
    );
  });

  it('passes over what is more than chance but less than the noise floor', () => {
    const sentence = renderVerdictSentence(measured('better', [entry(99, 0.5, 0.01), entry(99.9, 0.97, 0.01)]));
    expect(sentence).toMatch(/^99 % of all wakeups/);
  });

  it('tells both directions of a mixed one', () => {
    const sentence = renderVerdictSentence(measured('mixed', [entry(50, 1.12, 0.01), entry(99, 0.5, 0.01)]));
    expect(sentence).toMatch(/^99 % .* 2 times less .* 50 % .* 12 % more /);
  });

  it('tells the highest percentile when nothing differs', () => {
    const sentence = renderVerdictSentence(measured('no-difference', [entry(50, 1.2, 0.4), entry(99, 1.001, 0.8)]));
    expect(sentence).toMatch(/^99 % .*: the same \(95 % interval of the ratio 0\.90 to 1\.10\)/);
  });

  it('says what is missing when there is too little, and when there is one run only', () => {
    expect(renderVerdictSentence(measured('too-little', []))).toBe(
      'Complete rounds: 5. More or longer rounds are needed for a comparison.',
    );
    const alone = { ...sampleMeasurement, comparison: null };
    expect(renderVerdictSentence(alone)).toMatch(/^99\.9 % of 96,000 values are within 700 µs\.$/);
    const few = alone.phases.map(phase => ({ ...phase, all: { ...phase.all, count: 600 } }));
    expect(renderVerdictSentence({ ...alone, phases: few })).toMatch(/^50 % of 600 values/);
    expect(renderVerdictSentence({ ...alone, phases: [] })).toBe('Nothing was measured.');
  });
});

describe('renderDistributionSentence()', () => {
  it('explains the effect size in words, and is silent without one', () => {
    expect(renderDistributionSentence(sampleMeasurement)).toBe(
      'An event as found is later than one as planned in 21 % more cases than it is earlier (Cliff’s delta 0.21, 0.17 to 0.25); that the distributions differ so much by chance: p < 0.001.',
    );
    expect(renderDistributionSentence(measured('better', []))).toBeNull();
    expect(renderDistributionSentence({ ...sampleMeasurement, comparison: null })).toBeNull();
  });
});
