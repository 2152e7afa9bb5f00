// How far the verdict of `berth bench` can be trusted: simulated runs in which nothing was changed, and runs with known effects.

import type { LatencyComparison } from '#domain/measurement.ts';
import { compareRounds } from '#latency/compare-rounds.ts';
import { seededRandom } from '#latency/seeded-random.ts';
import type { BenchOptions, BenchResult } from '../bench-report.ts';
import { type Effect, NO_EFFECT, simulateRun } from './simulate-run.ts';

const ROUNDS = 8;
const EVENTS_PER_BLOCK = 10_000;
const RUNS = { full: 1000, quick: 60 };
const EFFECT_RUNS = { full: 100, quick: 20 };

const EFFECTS: readonly Effect[] = [
  { name: 'all-a-tenth-less', scale: 0.9, heldUp: 1 },
  { name: 'all-a-third-less', scale: 0.67, heldUp: 1 },
  { name: 'all-halved', scale: 0.5, heldUp: 1 },
  { name: 'held-up-halved', scale: 1, heldUp: 0.5 },
  { name: 'held-up-a-tenth', scale: 1, heldUp: 0.1 },
  { name: 'all-doubled', scale: 2, heldUp: 1 },
];

interface EffectCase {
  readonly effect: string;
  readonly runs: number;
  /** Shares of the runs. */
  readonly verdicts: Readonly<Record<string, number>>;
  readonly anyPercentile: number;
  readonly distribution: number;
  /** How often the interval of the ratio held the true one, by percentile; null where the effect has none that is known. */
  readonly coverage: Readonly<Record<string, number>> | null;
}

/** Deterministic but for its times: each run has its number as seed. */
export function benchStats({ quick, stop, keep }: BenchOptions): BenchResult {
  const size = quick ? 'quick' : 'full';
  const cases: EffectCase[] = [];
  const result = (): BenchResult => ({ summary: summarize(cases), cases });
  for (const effect of [NO_EFFECT, ...EFFECTS]) {
    if (stop.aborted) break;
    cases.push(tryEffect(effect, effect === NO_EFFECT ? RUNS[size] : EFFECT_RUNS[size]));
    keep(result());
  }
  return result();
}

function tryEffect(effect: Effect, runs: number): EffectCase {
  const compared = Array.from({ length: runs }, (_, run) => {
    const rounds = simulateRun({ rounds: ROUNDS, eventsPerBlock: EVENTS_PER_BLOCK, effect }, seededRandom(run));
    return compareRounds(rounds, seededRandom(run + 1_000_000));
  });
  const share = (holds: (one: LatencyComparison) => boolean) => compared.filter(holds).length / runs;
  const verdicts = [...new Set(compared.map(({ verdict }) => verdict))].sort();
  const judged = compared[0]?.percentiles.map(({ percentile }) => percentile) ?? [];
  return {
    ...{ effect: effect.name, runs },
    verdicts: Object.fromEntries(verdicts.map(verdict => [verdict, share(one => one.verdict === verdict)])),
    anyPercentile: share(({ percentiles }) => percentiles.some(({ pValue }) => pValue <= 0.05)),
    distribution: share(({ distributionPValue }) => distributionPValue !== null && distributionPValue <= 0.05),
    coverage:
      effect.heldUp !== 1
        ? null
        : Object.fromEntries(
            judged.map((percentile, index) => [
              `p${percentile}`,
              share(({ percentiles }) => {
                const ratio = percentiles[index]?.ratio;
                return ratio !== undefined && ratio.low <= effect.scale && effect.scale <= ratio.high;
              }),
            ]),
          ),
  };
}

/** `power`: how often a third less was called better; each other effect has its own number. */
function summarize(cases: readonly EffectCase[]): Readonly<Record<string, number>> {
  const summary: Record<string, number> = {};
  for (const { effect, anyPercentile, distribution, verdicts, coverage } of cases) {
    if (effect === NO_EFFECT.name) {
      summary.aaFalsePositive = anyPercentile;
      summary.aaFalsePositiveDistribution = distribution;
      summary.aaFalseVerdict = 1 - (verdicts['no-difference'] ?? 0);
      for (const [percentile, held] of Object.entries(coverage ?? {})) summary[`coverage ${percentile}`] = held;
    } else summary[`power ${effect}`] = verdicts[effect === 'all-doubled' ? 'worse' : 'better'] ?? 0;
  }
  return summary;
}
