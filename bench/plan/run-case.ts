// One case with every planner: ours and the peers', judged by the same rules and aims.

import type { Placement } from '#domain/placement.ts';
import type { AimName, AimValue, Proof } from '#domain/plan.ts';
import type { Solve } from '#plan/linear-model.ts';
import { compareAims, firstDifference } from './compare-aims.ts';
import { type Defragmented, defragment } from './defragment.ts';
import { type Judgement, judgeLayout, placementOf } from './judge-layout.ts';
import type { LayoutFigures } from './layout-figures.ts';
import type { PlacementAlgorithm } from './placement-algorithm.ts';
import { type BenchVm, guestsAtTheEnd, type PlanCase } from './plan-case.ts';
import { planAtEveryArrival, planAtOnce } from './run-ours.ts';
import { batchOrders, runPeer } from './run-peer.ts';

/** `at-once`: all guests known. `arriving`: one after the other. `best-order`: the best of three orders in which they could be given. */
export type Mode = 'at-once' | 'arriving' | 'arriving-held' | 'best-order';

export interface RunResult {
  readonly planner: string;
  readonly mode: Mode;
  /** False when it refused a guest. */
  readonly placed: boolean;
  /** Hard rules that the layout breaks; only sound layouts are compared. */
  readonly broken: readonly string[];
  /** Where it first differs from our plan of all guests at once, and by how much it is worse; null when equal or not comparable. */
  readonly worse: { readonly aim: AimName; readonly by: number } | null;
  readonly figures: LayoutFigures | null;
  /** Guests that were moved on the way, each time counted. */
  readonly moved: number;
  readonly ms: number;
}

export interface CaseResult {
  readonly name: string;
  readonly guests: number;
  readonly cpus: number;
  /** False with confined guests, which are nothing that peers know. */
  readonly isForPeers: boolean;
  /** Of our plan of all guests at once. */
  readonly aims: readonly AimValue[] | null;
  /** Null when our planner found no plan. */
  readonly proof: Proof | null;
  /** No plan, and proved that there is none. */
  readonly provedInfeasible: boolean;
  readonly runs: readonly RunResult[];
  /** After departures only. */
  readonly defragmented: readonly Defragmented[];
}

const OURS = 'berth';

interface CaseOptions {
  readonly solve: Solve;
  readonly algorithms: readonly PlacementAlgorithm[];
  /** Ours are also planned anew at every arrival, which takes many times as long as planning once. */
  readonly isReplayed: boolean;
}

export async function runCase(planCase: PlanCase, { solve, algorithms, isReplayed }: CaseOptions): Promise<CaseResult> {
  const { host } = planCase;
  const vms = guestsAtTheEnd(planCase);
  const { result: plan, ms } = await timed(() => planAtOnce(planCase, solve));
  const reference = plan.kind === 'plan' ? plan.aims : null;
  const judge = (placement: Placement) => judgeLayout(host, vms, placement);
  const atOnce = plan.kind === 'plan' ? judge(plan.placement) : null;
  const ours = [makeRun({ planner: OURS, mode: 'at-once', judgement: atOnce, reference, ms })];
  const replayed = isReplayed ? await replay(planCase, { vms, judge, reference }) : { runs: [], defragmented: [] };
  const peers: RunResult[] = [];
  for (const algorithm of algorithms) peers.push(...(await runPeerOn(algorithm, planCase, { vms, judge, reference })));
  return {
    name: planCase.name,
    guests: vms.length,
    cpus: host.topology.online.size,
    isForPeers: vms.every(vm => vm.class === 'dedicated'),
    aims: reference,
    proof: plan.kind === 'plan' ? plan.proof : null,
    provedInfeasible: plan.kind === 'infeasible' && plan.proved,
    runs: [...ours, ...replayed.runs, ...peers],
    defragmented: replayed.defragmented,
  };
}

interface Judging {
  readonly vms: readonly BenchVm[];
  readonly judge: (placement: Placement) => Judgement;
  readonly reference: readonly AimValue[] | null;
}

/** Ours as the guests come and go: everybody free to move, or nobody; and what a few moves make of the latter. */
async function replay(
  planCase: PlanCase,
  { judge, reference }: Judging,
): Promise<Pick<CaseResult, 'runs' | 'defragmented'>> {
  const free = await timed(() => planAtEveryArrival(planCase, null));
  const held = await timed(() => planAtEveryArrival(planCase, 0));
  const arriving = [
    { mode: 'arriving', ...free },
    { mode: 'arriving-held', ...held },
  ] as const;
  const runs = arriving.map(({ mode, result: { made, moved }, ms }) => {
    const judgement = made.kind === 'plan' ? judge(made.placement) : null;
    return makeRun({ planner: OURS, mode, judgement, reference, ms, moved });
  });
  const { made } = held.result;
  const isFragmented =
    planCase.events.some(({ kind }) => kind === 'leave') && made.kind === 'plan' && reference !== null;
  return { runs, defragmented: isFragmented ? defragment(planCase, made.placement, reference) : [] };
}

async function runPeerOn(
  algorithm: PlacementAlgorithm,
  { host, events }: PlanCase,
  { vms, judge, reference }: Judging,
): Promise<readonly RunResult[]> {
  const judged = (order: PlanCase['events']) => {
    const placed = runPeer(algorithm, host, order);
    return placed && judge(placementOf(host, vms, placed));
  };
  const { name: planner } = algorithm;
  const arriving = await timed(() => runPeer(algorithm, host, events));
  const judgement = arriving.result && judge(placementOf(host, vms, arriving.result));
  const batch = batchOrders(vms).flatMap(order => judged(order) ?? []);
  const best = batch.reduce<Judgement | null>((a, b) => (a === null || isBetter(b, a) ? b : a), null);
  return [
    makeRun({ planner, mode: 'arriving', judgement, reference, ms: arriving.ms }),
    makeRun({ planner, mode: 'best-order', judgement: best, reference, ms: arriving.ms * batch.length }),
  ];
}

/** Sound layouts before others, then by the aims. */
function isBetter(a: Judgement, b: Judgement): boolean {
  const [soundA, soundB] = [a, b].map(({ broken }) => broken.length === 0);
  return soundA === soundB ? compareAims(a.aims, b.aims) < 0 : soundA === true;
}

function makeRun(of: {
  planner: string;
  mode: Mode;
  judgement: Judgement | null;
  reference: readonly AimValue[] | null;
  ms: number;
  moved?: number;
}): RunResult {
  const { planner, mode, judgement, reference, ms, moved = 0 } = of;
  const broken = judgement?.broken ?? [];
  const isComparable = judgement !== null && broken.length === 0 && reference !== null;
  return {
    planner,
    mode,
    placed: judgement !== null,
    broken,
    worse: isComparable ? firstDifference(judgement.aims, reference) : null,
    figures: judgement?.figures ?? null,
    moved,
    ms,
  };
}

async function timed<Result>(run: () => Result | Promise<Result>): Promise<{ result: Result; ms: number }> {
  const began = performance.now();
  const result = await run();
  return { result, ms: performance.now() - began };
}
