// All cases together: the numbers of the bar, and a row of figures for every planner.
import type { AimName } from '#domain/plan.ts';
import { median } from '../median.ts';
import type { CaseResult, Mode, RunResult } from './run-case.ts';

/** Every share is 0–1. */
export interface CaseSummary {
  readonly cases: number;
  /** Cases with confined guests, in which no peer takes part. */
  readonly casesWithoutPeers: number;
  readonly provedInfeasible: number;
  /** Of the cases in which a peer has a sound layout: those in which we have one. */
  readonly placedWherePeerPlaces: number;
  /** Of the cases that are not proved infeasible. */
  readonly atProvenOptimum: number;
  readonly worstFirstUnprovedGap: number;
  /** Cases in which a sound layout of a peer is better than ours of all guests at once. */
  readonly worseThanAnyPeer: number;
  /** Our layouts that break a hard rule. */
  readonly unsound: number;
}

const isSound = (run: RunResult): boolean => run.placed && run.broken.length === 0;

/** Our plan of all guests at once comes first in every case. */
const oursIn = ({ runs }: CaseResult): RunResult | undefined => runs[0];
const isOurs = (run: RunResult, result: CaseResult): boolean => run.planner === oursIn(result)?.planner;

/** True when a sound layout of a peer is better than ours, or ours is none. */
export function isLost(result: CaseResult): boolean {
  const ours = oursIn(result);
  const peers = result.runs.filter(run => !isOurs(run, result) && isSound(run));
  const isPlaced = ours !== undefined && isSound(ours);
  return peers.some(run => !isPlaced || (run.worse !== null && run.worse.by < 0));
}

export function summarize(results: readonly CaseResult[]): CaseSummary {
  const withPeer = results.filter(result => result.runs.some(run => !isOurs(run, result) && isSound(run)));
  const placed = withPeer.filter(result => oursIn(result)?.placed === true);
  const feasible = results.filter(({ provedInfeasible }) => !provedInfeasible);
  const gaps = results.flatMap(({ proof }) => (proof?.kind === 'unproved' ? [gapOf(proof)] : []));
  return {
    cases: results.length,
    casesWithoutPeers: results.filter(({ isForPeers }) => !isForPeers).length,
    provedInfeasible: results.length - feasible.length,
    placedWherePeerPlaces: share(placed.length, withPeer.length),
    atProvenOptimum: share(feasible.filter(({ proof }) => proof?.kind === 'optimal').length, feasible.length),
    worstFirstUnprovedGap: Math.max(0, ...gaps),
    worseThanAnyPeer: results.filter(isLost).length,
    unsound: results.filter(result => result.runs.some(run => isOurs(run, result) && run.broken.length > 0)).length,
  };
}

/** Plans that know no distance are as far away as can be. */
const gapOf = (proof: object): number =>
  'distance' in proof && typeof proof.distance === 'number' ? proof.distance : Number.MAX_SAFE_INTEGER;

const share = (part: number, all: number): number => (all === 0 ? 1 : part / all);

export interface PlannerRow {
  readonly planner: string;
  readonly mode: Mode;
  /** Cases in which it took part and anybody has a sound layout. */
  readonly cases: number;
  /** Of those cases, as the next two. */
  readonly placed: number;
  readonly sound: number;
  /** Not worse than ours of all guests at once in any aim. */
  readonly asGood: number;
  /** Cases by the first aim in which it is worse, most frequent first. */
  readonly worseIn: ReadonlyArray<readonly [AimName, number]>;
  /** Beyond ours, summed over its sound cases, for 100 guests. */
  readonly extraNodes: number;
  readonly extraLlcs: number;
  readonly sharedCores: number;
  /** 10 is local. The mean over its sound cases. */
  readonly memoryDistance: number;
  /** vCPUs of the largest guest that could still come, as part of what ours leaves. */
  readonly largestInNode: number;
  readonly largestInLlc: number;
  readonly medianMs: number;
}

/** Over the cases that peers can take part in, in the order in which the planners appear. */
export function planRows(results: readonly CaseResult[]): readonly PlannerRow[] {
  const cases = results.filter(result => result.isForPeers && result.runs.some(isSound));
  const keys = new Map(
    cases.flatMap(({ runs }) => runs.map(({ planner, mode }) => [`${planner} ${mode}`, { planner, mode }] as const)),
  );
  return [...keys.values()].map(({ planner, mode }) => {
    const runs = cases.flatMap(result => {
      const run = result.runs.find(candidate => candidate.planner === planner && candidate.mode === mode);
      return run ? [{ run, ours: oursIn(result) }] : [];
    });
    return makeRow({ planner, mode, runs });
  });
}

function makeRow({
  planner,
  mode,
  runs,
}: {
  planner: string;
  mode: Mode;
  runs: ReadonlyArray<{ run: RunResult; ours: RunResult | undefined }>;
}): PlannerRow {
  const pairs = runs.flatMap(({ run, ours }) =>
    isSound(run) && run.figures && ours?.figures ? [{ run, its: run.figures, ours: ours.figures }] : [],
  );
  const worse = new Map<AimName, number>();
  const isWorse = (run: RunResult) => run.worse !== null && run.worse.by > 0;
  for (const { run } of pairs)
    if (run.worse && isWorse(run)) worse.set(run.worse.aim, (worse.get(run.worse.aim) ?? 0) + 1);
  const sum = (figure: (pair: (typeof pairs)[number]) => number) => pairs.reduce((total, p) => total + figure(p), 0);
  const guests = sum(({ its }) => its.guests);
  const perHundred = (total: number) => (guests === 0 ? 0 : (100 * total) / guests);
  return {
    planner,
    mode,
    cases: runs.length,
    placed: share(runs.filter(({ run }) => run.placed).length, runs.length),
    sound: share(pairs.length, runs.length),
    asGood: share(pairs.filter(({ run }) => !isWorse(run)).length, runs.length),
    worseIn: [...worse].sort((a, b) => b[1] - a[1]),
    extraNodes: perHundred(sum(({ its, ours }) => its.nodeSpans - ours.nodeSpans)),
    extraLlcs: perHundred(sum(({ its, ours }) => its.llcSpans - ours.llcSpans)),
    sharedCores: perHundred(sum(({ its }) => its.sharedCores)),
    memoryDistance: pairs.length === 0 ? Number.NaN : sum(({ its }) => its.memoryDistance) / pairs.length,
    largestInNode: sum(({ its }) => its.largestInNode) / sum(({ ours }) => ours.largestInNode),
    largestInLlc: sum(({ its }) => its.largestInLlc) / sum(({ ours }) => ours.largestInLlc),
    medianMs: median(runs.map(({ run }) => run.ms)),
  };
}
