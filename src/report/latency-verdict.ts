// The verdict of a latency run in one sentence, with the numbers that carry it.
import type { LatencyComparison, PercentileComparison } from '#domain/measurement.ts';
import { isChanged } from '#latency/compare-rounds.ts';

/** `Better: p99.9 is 0.21 times what it was (95 % interval 0.15 to 0.30).` */
export function renderLatencyVerdict(comparison: LatencyComparison): string {
  const { verdict, rounds, percentiles } = comparison;
  const changed = percentiles.filter(isChanged);
  const lower = changed.filter(({ ratio }) => ratio.value < 1);
  const higher = changed.filter(({ ratio }) => ratio.value >= 1);
  switch (verdict) {
    case 'better':
      return `Better: ${lower.map(ratioText).join('; ')}.`;
    case 'worse':
      return `Worse: ${higher.map(ratioText).join('; ')}.`;
    case 'mixed':
      return `Mixed: ${lower.map(ratioText).join('; ')}; but ${higher.map(ratioText).join('; ')}.`;
    case 'no-difference':
      return `No difference that this measurement could see: ${percentiles.map(unseenText).join('; ')}.`;
    case 'too-little':
      return `Too little was measured to tell a difference: ${countText(rounds)}.`;
  }
}

const ratioText = ({ percentile, ratio }: PercentileComparison): string =>
  `p${percentile} is ${numberText(ratio.value)} times what it was (95 % interval ${numberText(ratio.low)} to ${numberText(ratio.high)})`;

/** What an unchanged host differs in from itself bounds what could have been seen. */
function unseenText({ percentile, ratio, noise }: PercentileComparison): string {
  const floor = Math.max(Math.abs(Math.log(noise.low)), Math.abs(Math.log(noise.high)));
  const percent = Math.round((Math.exp(floor) - 1) * 100);
  return `p${percentile} is ${numberText(ratio.value)} times what it was, and unchanged it differs from itself by up to ${percent} %`;
}

const countText = (rounds: number): string =>
  rounds === 1 ? '1 round, and it takes 3' : rounds < 3 ? `${rounds} rounds, and it takes 3` : 'hardly any events';

const numberText = (value: number): string => (value >= 10 ? value.toFixed(0) : value.toFixed(2));
