// Which runs there are, and which of them share a boot.
import { findLabShape } from '../host/shapes.ts';
import type { Userland } from '../host/userlands.ts';
import type { Scenario } from './scenario.ts';

/** One scenario on one kernel, as it is or sabotaged. */
export interface ScenarioRun {
  readonly scenario: Scenario;
  readonly kernel: string;
  /** Null for this machine's own files. */
  readonly userland: Userland | null;
  /** Index into its sabotages; null for the true run. */
  readonly sabotage: number | null;
}

/** Runs that differ in nothing that needs a boot. */
export interface Batch {
  readonly shape: string;
  readonly kernel: string;
  readonly boot: string;
  readonly userland: Userland | null;
  readonly runs: readonly ScenarioRun[];
}

/** What a run came to; `null` steps mean that it never began. */
export interface RunResult {
  readonly name: string;
  readonly kernel: string;
  readonly sabotage: string | null;
  readonly passed: boolean;
  /** Why it did not pass. */
  readonly problem: string | null;
  /** How a sabotaged one failed, as it had to. */
  readonly noticed: string | null;
  readonly seconds: number;
  readonly log: readonly string[];
  readonly leftovers: readonly string[];
}

export interface RunChoice {
  readonly sabotage: boolean;
  /** Of those that a scenario lists: its first, all, or only this series. */
  readonly kernels: 'first' | 'all' | { readonly only: string };
}

export function listRuns(scenarios: readonly Scenario[], choice: RunChoice): readonly ScenarioRun[] {
  return scenarios.flatMap(scenario => {
    const variants = choice.sabotage ? scenario.sabotage.map((_, index) => index) : [null];
    const { userlands } = scenario;
    const chosen = userlands.length === 0 ? [null] : choice.kernels === 'first' ? userlands.slice(0, 1) : userlands;
    return chooseKernels(scenario.kernels, choice.kernels).flatMap(kernel =>
      chosen.flatMap(userland => variants.map(variant => ({ scenario, kernel, userland, sabotage: variant }))),
    );
  });
}

function chooseKernels(listed: readonly string[], choice: RunChoice['kernels']): readonly string[] {
  if (choice === 'first') return listed.slice(0, 1);
  return choice === 'all' ? listed : listed.filter(series => series === choice.only);
}

/** In the order of their first runs. */
export function makeBatches(runs: readonly ScenarioRun[]): readonly Batch[] {
  const batches = new Map<string, Batch & { runs: ScenarioRun[] }>();
  for (const run of runs) {
    const { kernel, userland } = run;
    const { shape, boot } = run.scenario;
    const key = JSON.stringify([describeMachine(shape), kernel, boot, userland]);
    const batch = batches.get(key) ?? { shape, kernel, boot, userland, runs: [] };
    batch.runs.push(run);
    batches.set(key, batch);
  }
  return [...batches.values()];
}

/** For so many boots at once: none has more than its share of all runs, and the longest come first. */
export function splitBatches(batches: readonly Batch[], atOnce: number): readonly Batch[] {
  if (atOnce === 1) return batches;
  const share = Math.ceil(batches.reduce((sum, { runs }) => sum + runs.length, 0) / atOnce);
  const pieces = batches.flatMap(batch => {
    const size = Math.ceil(batch.runs.length / Math.ceil(batch.runs.length / share));
    const starts = batch.runs.flatMap((_, index) => (index % size === 0 ? [index] : []));
    return starts.map(start => ({ ...batch, runs: batch.runs.slice(start, start + size) }));
  });
  return pieces.toSorted((a, b) => b.runs.length - a.runs.length);
}

/** All of a shape that needs a boot: CPUs go offline and come back between two scenarios. */
function describeMachine(shape: string): string {
  const { what, offline, ...machine } = findLabShape(shape);
  return JSON.stringify(machine);
}
