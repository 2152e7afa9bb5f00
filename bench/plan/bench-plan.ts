// `npm run bench -- plan`: plans of ours and of every peer on captured machines, judged by one measure, and how long ours take.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { openSolver } from '#solve/solve-in-worker.ts';
import type { BenchOptions, BenchResult } from '../bench-report.ts';
import { inShard } from '../shard.ts';
import { placementAlgorithms } from './algorithms/placement-algorithms.ts';
import { readBenchHosts } from './bench-hosts.ts';
import { makeCases } from './make-cases.ts';
import { isBarPoint, measureSpeed, type SpeedPoint } from './measure-speed.ts';
import { renderDefragmented, renderPlanners } from './plan-tables.ts';
import { drawPlanners } from './planners-picture.ts';
import { type CaseResult, runCase } from './run-case.ts';
import { drawScaling } from './scaling-picture.ts';
import { isLost, planRows, summarize } from './summarize.ts';

/** Built from `src/solve`. */
const WORKER = 'dist/highs-worker.cjs';
/** Every so many-th case, spread over hosts, mixes and fills. */
const QUICK_STEP = 17;
/** A part of the cases, again spread over all, is also planned anew at every arrival. */
const REPLAYED_STEP = 5;
/** Cases: the file is written anew each time. */
const KEPT_EVERY = 20;
const ROUNDS = 5;
const MOST_GUESTS = 1000;

/** Whatever is there when it is interrupted is the result. Without the corpora only the speed is measured, and in shards it is not. */
export async function benchPlan({ quick, shard, known, keep, stop }: BenchOptions): Promise<BenchResult> {
  const corpora = process.env.BERTH_CORPORA ?? '../shared/corpora';
  const all = existsSync(corpora) ? readBenchHosts(corpora).flatMap(host => makeCases(host)) : [];
  const numbered = all.map((planCase, index) => ({ planCase, isReplayed: !quick && index % REPLAYED_STEP === 0 }));
  const some = quick ? numbered.filter((_, index) => index % QUICK_STEP === 0) : numbered;
  const cases = shard === null ? some : some.filter(inShard(shard));
  const earlier = new Map(known.flatMap(one => (isCaseResult(one) ? [[one.name, one] as const] : [])));
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'ignore' });
  const open = () => openSolver({ code: readFileSync(WORKER, 'utf8'), beside: resolve(WORKER) }, stop);
  const solver = open();
  const speed: SpeedPoint[] = [];
  const results: CaseResult[] = [];
  for (const [index, { planCase, isReplayed }] of cases.entries()) {
    const before = earlier.get(planCase.name);
    if (before !== undefined) results.push(before);
    if (stop.aborted || before !== undefined) continue;
    const began = performance.now();
    const result = await runCase(planCase, { solve: solver.solve, algorithms: placementAlgorithms, isReplayed });
    results.push(result);
    console.error(`${index + 1}/${cases.length} ${describe(result)} ${seconds(performance.now() - began)}`);
    if (results.length % KEPT_EVERY === 0) keep(makeResult(results, speed));
    // Signals arrive between turns of the event loop only.
    await setImmediate();
  }
  speed.push(...known.filter(isSpeedPoint));
  const isMeasured = speed.length > 0 || shard !== null || stop.aborted;
  for await (const point of isMeasured ? [] : measureSpeed({ rounds: ROUNDS, quick, openSolver: open })) {
    console.error(
      `${point.guests} guests on ${point.cpus} CPUs: ${seconds(point.firstPlanMs)}, ${seconds(point.provedMs)}, ${point.proofs} of ${point.rounds} proved`,
    );
    speed.push(point);
    await setImmediate();
    if (stop.aborted) break;
  }
  await solver.close();
  const rows = planRows(results);
  console.log(`${renderPlanners(rows, LABELS)}\n\n${renderDefragmented(results)}\n`);
  return makeResult(results, speed);
}

const isCaseResult = (one: unknown): one is CaseResult => typeof one === 'object' && one !== null && 'runs' in one;
const isSpeedPoint = (one: unknown): one is SpeedPoint =>
  typeof one === 'object' && one !== null && 'firstPlanMs' in one;

const LABELS = new Map(placementAlgorithms.map(({ name, label }) => [name, label]));

function makeResult(results: readonly CaseResult[], speed: readonly SpeedPoint[]): BenchResult {
  const bar = speed.find(isBarPoint);
  const largest = speed.find(({ guests }) => guests === MOST_GUESTS);
  return {
    summary: {
      ...summarize(results),
      ...(bar && { firstPlanMs60: Math.round(bar.firstPlanMs), proofMs60: Math.round(bar.provedMs) }),
      ...(largest && { wallS1000: Math.round(largest.provedMs / 100) / 10 }),
    },
    cases: [...results, ...speed],
    pictures: new Map([
      ['plan-planners', drawPlanners(planRows(results), LABELS)],
      ['plan-scaling', drawScaling(speed)],
    ]),
  };
}

function describe(result: CaseResult): string {
  const proof = result.proof?.kind ?? (result.provedInfeasible ? 'infeasible' : 'no plan');
  const open = result.proof?.kind === 'unproved' ? ` ${result.proof.firstUnproved}` : '';
  return `${result.name}: ${result.guests} guests, ${proof}${open}${isLost(result) ? ', A PEER IS BETTER' : ''},`;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
