// Latencies as hosts have them: a body, a heavy tail, loads that last for a while, and drift over the run.

import type { LatencyRound } from '#latency/compare-rounds.ts';
import { type Histogram, makeHistogram } from '#latency/histogram.ts';
import type { Random } from '#latency/seeded-random.ts';

/** What the plan changes. */
export interface Effect {
  readonly name: string;
  /** All latencies are multiplied by this. */
  readonly scale: number;
  /** How many of the events that something held up still are. */
  readonly heldUp: number;
}

export interface SimulatedRun {
  readonly rounds: number;
  readonly eventsPerBlock: number;
  readonly effect: Effect;
}

const BODY_NS = 5000;
const BODY_SIGMA = 0.5;
/** Held up by something else on the CPU: a power law, whose mean is finite and whose variance is not. */
const HELD_UP_SHARE = 0.03;
const HELD_UP_FROM_NS = 20_000;
const HELD_UP_ALPHA = 1.8;
const LONGEST_NS = 50_000_000;
/** The host's load: it lasts for thousands of events, over the ends of blocks. */
const EVENTS_PER_LOAD = 100;
const LOAD_MEMORY = 0.97;
const LOAD_SIGMA = 0.3;
/** Over the whole run, as temperature and caches have it: up to a fifth, either way. */
const DRIFT = 0.2;

export function simulateRun({ rounds, eventsPerBlock, effect }: SimulatedRun, random: Random): readonly LatencyRound[] {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const drift = (random() * 2 - 1) * DRIFT;
  let load = normal() * LOAD_SIGMA;
  let done = 0;
  const block = ({ scale, heldUp }: Effect): Histogram => {
    const histogram = makeHistogram();
    for (let event = 0; event < eventsPerBlock; event++, done++) {
      if (done % EVENTS_PER_LOAD === 0)
        load = LOAD_MEMORY * load + Math.sqrt(1 - LOAD_MEMORY ** 2) * LOAD_SIGMA * normal();
      const level = Math.exp(load + (drift * done) / (3 * rounds * eventsPerBlock)) * scale;
      const isHeldUp = random() < HELD_UP_SHARE * heldUp;
      const ns = isHeldUp
        ? HELD_UP_FROM_NS * (1 - random()) ** (-1 / HELD_UP_ALPHA)
        : BODY_NS * Math.exp(BODY_SIGMA * normal());
      histogram.recordValue(Math.min(LONGEST_NS, Math.round(ns * level)));
    }
    return histogram;
  };
  return Array.from({ length: rounds }, () => ({
    asFound: block(NO_EFFECT),
    asPlanned: block(effect),
    asFoundAgain: block(NO_EFFECT),
  }));
}

export const NO_EFFECT: Effect = { name: 'none', scale: 1, heldUp: 1 };
