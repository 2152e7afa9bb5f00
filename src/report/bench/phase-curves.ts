// What the charts draw: the events of a phase on a logarithmic scale, as shares and as percentiles.
import type { MeasuredPhase, PhaseName } from '#domain/measurement.ts';
import { decodeHdr, type HdrBin } from '#latency/decode-hdr.ts';

/** Steps of equal ratio; µs, counts above 0 in ascending order. */
export interface LatencyStep {
  readonly fromUs: number;
  readonly toUs: number;
  readonly count: number;
}

export interface PercentilePoint {
  /** The share of events that are later than `us`; above 0. */
  readonly beyond: number;
  readonly us: number;
}

export interface PhaseCurve {
  readonly name: PhaseName;
  readonly count: number;
  readonly maxUs: number;
  readonly steps: readonly LatencyStep[];
  readonly percentiles: readonly PercentilePoint[];
}

const STEPS_PER_DECADE = 10;
const POINTS_PER_NINE = 12;
/** Below this nothing is told apart: 100 ns. */
const LEAST_US = 0.1;

/** Phases without events have no curve. */
export function makePhaseCurves(phases: readonly MeasuredPhase[]): readonly PhaseCurve[] {
  return phases.flatMap(({ name, all }) => {
    const bins = decodeHdr(all.hdr);
    if (all.count === 0 || bins.length === 0) return [];
    return [{ name, count: all.count, maxUs: all.maxUs, steps: makeSteps(bins), percentiles: makePercentiles(bins) }];
  });
}

function makeSteps(bins: readonly HdrBin[]): readonly LatencyStep[] {
  const steps = new Map<number, number>();
  for (const { value, count } of bins) {
    const step = Math.floor(Math.log10(Math.max(value / 1000, LEAST_US)) * STEPS_PER_DECADE + 1e-9);
    steps.set(step, (steps.get(step) ?? 0) + count);
  }
  return [...steps]
    .sort(([a], [b]) => a - b)
    .map(([step, count]) => ({
      fromUs: 10 ** (step / STEPS_PER_DECADE),
      toUs: 10 ** ((step + 1) / STEPS_PER_DECADE),
      count,
    }));
}

/** From the least value to the last event but one: what lies beyond the last is nothing. */
function makePercentiles(bins: readonly HdrBin[]): readonly PercentilePoint[] {
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  const points: PercentilePoint[] = [];
  let nth = 0;
  let seen = 0;
  for (const { value, count } of bins) {
    seen += count;
    for (
      ;
      total * (1 - 10 ** (-nth / POINTS_PER_NINE)) <= seen && 10 ** (-nth / POINTS_PER_NINE) * total >= 1;
      nth += 1
    ) {
      points.push({ beyond: 10 ** (-nth / POINTS_PER_NINE), us: Math.max(value / 1000, LEAST_US) });
    }
  }
  return points;
}
