// The verdict of a latency run: one sentence to read first, and one with the numbers.
import { assertNever } from '#domain/errors.ts';
import type { LatencyHistogram, Measurement, PercentileComparison } from '#domain/measurement.ts';
import { isChanged } from '#latency/compare-rounds.ts';
import { groupDigits, renderLatency, renderPercent, renderPValue, renderRatio, threeDigits } from './bench-numbers.ts';
import { EVENT_NAMES, guestTitle } from './bench-words.ts';

/** `Guest 101 web: less latency as planned`. */
export function renderVerdictTitle(measurement: Measurement): string {
  return `Guest ${guestTitle(measurement)}: ${verdictWords(measurement)}`;
}

/** A few words, for titles and lists. */
export function verdictWords({ comparison }: Pick<Measurement, 'comparison'>): string {
  if (comparison === null) return 'one run, nothing to compare it with';
  switch (comparison.verdict) {
    case 'better':
      return 'less latency as planned';
    case 'worse':
      return 'more latency as planned';
    case 'mixed':
      return 'better in part, worse in part';
    case 'no-difference':
      return 'no difference that this measurement could see';
    case 'too-little':
      return 'too little measured to tell';
    default:
      return assertNever(comparison.verdict);
  }
}

/** The numbers that carry the verdict, in one sentence, or two where they point in two directions. */
export function renderVerdictSentence(measurement: Measurement): string {
  const { comparison, phases, instrument } = measurement;
  if (comparison === null) {
    const all = phases[0]?.all;
    return all === undefined || all.count === 0 ? 'Nothing was measured.' : renderAlone(all);
  }
  if (comparison.percentiles.length === 0)
    return `Complete rounds: ${comparison.rounds}. More or longer rounds are needed for a comparison.`;
  const decisive = comparison.percentiles.filter(isChanged);
  const directions = [
    decisive.findLast(({ ratio }) => ratio.value < 1),
    decisive.findLast(({ ratio }) => ratio.value >= 1),
  ].filter(entry => entry !== undefined);
  const told = directions.length > 0 ? directions : comparison.percentiles.slice(-1);
  return told
    .map(entry => renderPercentile(entry, { events: EVENT_NAMES[instrument], confidence: comparison.confidence }))
    .join(' ');
}

/** The highest percentile with a few events beyond it. */
function renderAlone({ count, p50Us, p99Us, p999Us, p9999Us }: LatencyHistogram): string {
  const figures = [
    [0.9999, p9999Us],
    [0.999, p999Us],
    [0.99, p99Us],
  ] as const;
  const [share, us] = figures.find(([candidate]) => count * (1 - candidate) >= FEWEST_BEYOND) ?? [0.5, p50Us];
  return `${renderPercent(share)} of ${groupDigits(count)} values are within ${renderLatency(us)}.`;
}

/** Fewer say little about where a percentile is. */
const FEWEST_BEYOND = 9.99;

/** What all events together say; null where nothing was compared. */
export function renderDistributionSentence({ comparison }: Measurement): string | null {
  if (comparison?.cliffsDelta == null || comparison.distributionPValue === null) return null;
  const { value, low, high } = comparison.cliffsDelta;
  const cases = `${Math.round(Math.abs(value) * 100)} % ${value < 0 ? 'fewer' : 'more'} cases`;
  return `An event as found is later than one as planned in ${cases} than it is earlier (Cliff’s delta ${value.toFixed(2)}, ${low.toFixed(2)} to ${high.toFixed(2)}); that the distributions differ so much by chance: ${renderPValue(comparison.distributionPValue)}.`;
}

function renderPercentile(
  entry: PercentileComparison,
  { events, confidence }: { readonly events: string; readonly confidence: number },
): string {
  const { percentile, asFoundUs, asPlannedUs, ratio, noise } = entry;
  const within = `${renderPercent(percentile / 100)} of all ${events} came within ${renderLatency(asPlannedUs.value)} as planned, ${renderLatency(asFoundUs.value)} as found`;
  const interval = `${Math.round(confidence * 100)} % interval of the ratio ${renderRatio(ratio.low)} to ${renderRatio(ratio.high)}`;
  return `${within}: ${renderDifference(ratio.value)} (${interval}). Blocks between which nothing was changed differed ${renderRatio(noise.value)} times.`;
}

/** `17 times less`, `12 % more`, `the same`. */
function renderDifference(ratio: number): string {
  const factor = ratio < 1 ? 1 / ratio : ratio;
  const direction = ratio < 1 ? 'less' : 'more';
  if (factor >= 2) return `${threeDigits(Number(factor.toPrecision(2)))} times ${direction}`;
  const percent = Math.round(Math.abs(1 - ratio) * 100);
  return percent === 0 ? 'the same' : `${percent} % ${direction}`;
}
