// One case with every planner: ours and the peers', judged by the same rules and aims.

import type { Placement } from '#domain/placement.ts';
import type { AimName, AimValue, Infeasible, Plan, Proof } from '#domain/plan.ts';
import { compareAims, firstDifference } from './compare-aims.ts';
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
  readonly aims: readonly AimValue[];
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
  /** Null when our planner found no plan. */
  readonly proof: Proof | null;
  /** No plan, and proved that there is none. */
  readonly provedInfeasible: boolean;
  readonly runs: readonly RunResult[];
}

const OURS = 'berth';

export async function runCase(planCase: PlanCase, algorithms: readonly PlacementAlgorithm[]): Promise<CaseResult> {
  const { host } = planCase;
  const vms = guestsAtTheEnd(planCase);
  const { result: plan, ms } = timed(() => planAtOnce(planCase));
  const judge = (placement: Placement) => judgeLayout(host, vms, placement);
  const reference = plan.kind === 'plan' ? plan.aims : null;
  const ours: RunResult[] = [
    makeRun({ planner: OURS, mode: 'at-once', judgement: judgePlan(plan, judge), reference, ms }),
    ...(
      [
        ['arriving', null],
        ['arriving-held', 0],
      ] as const
    ).map(([mode, mostMoves]) => {
      const run = timed(() => planAtEveryArrival(planCase, mostMoves));
      const made = run.result?.made ?? plan;
      const judgement = judgePlan(made, judge);
      return makeRun({ planner: OURS, mode, judgement, reference, ms: run.ms, moved: run.result?.moved ?? 0 });
    }),
  ];
  const peers = algorithms.flatMap(algorithm => runPeerOn(algorithm, planCase, { vms, judge, reference }));
  return {
    name: planCase.name,
    guests: vms.length,
    cpus: host.topology.online.size,
    proof: plan.kind === 'plan' ? plan.proof : null,
    provedInfeasible: plan.kind === 'infeasible' && plan.proved,
    runs: [...ours, ...peers],
  };
}

function judgePlan(made: Plan | Infeasible, judge: (placement: Placement) => Judgement): Judgement | null {
  return made.kind === 'plan' ? judge(made.placement) : null;
}

function runPeerOn(
  algorithm: PlacementAlgorithm,
  { host, events }: PlanCase,
  {
    vms,
    judge,
    reference,
  }: {
    vms: readonly BenchVm[];
    judge: (placement: Placement) => Judgement;
    reference: readonly AimValue[] | null;
  },
): readonly RunResult[] {
  const judged = (order: PlanCase['events']) => {
    const placed = runPeer(algorithm, host, order);
    return placed && judge(placementOf(host, vms, placed));
  };
  const { name: planner } = algorithm;
  const arriving = timed(() => runPeer(algorithm, host, events));
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
  const aims = judgement?.aims ?? [];
  const broken = judgement?.broken ?? [];
  const isComparable = judgement !== null && broken.length === 0 && reference !== null;
  return {
    planner,
    mode,
    placed: judgement !== null,
    broken,
    aims,
    worse: isComparable ? firstDifference(aims, reference) : null,
    figures: judgement?.figures ?? null,
    moved,
    ms,
  };
}

function timed<Result>(run: () => Result): { readonly result: Result; readonly ms: number } {
  const began = performance.now();
  const result = run();
  return { result, ms: performance.now() - began };
}
