// `berth plan`: where every guest belongs, why, what would change, and what could be done instead.
import { changesNothing } from '#apply/apply-plan.ts';
import { planFileJson, planOutputJson } from '#contract/plan.ts';
import { encodeJson } from '#contract/read-json.ts';
import type { Infeasible } from '#domain/plan.ts';
import type { MaybeUntried } from '#domain/untried-version.ts';
import { nameCrowders } from '#plan/crowded-container.ts';
import { findRelaxations } from '#plan/find-relaxations.ts';
import { makeAlternatives } from '#plan/make-alternatives.ts';
import { makeDefrag } from '#plan/make-defrag.ts';
import type { PlanInput } from '#plan/make-plan.ts';
import { renderAlternatives } from '#report/alternatives-text.ts';
import { renderDefrag } from '#report/defrag-text.ts';
import { renderInfeasible } from '#report/infeasible-text.ts';
import { renderPlan } from '#report/plan-text.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import { writeOutputFile } from '../named-file.ts';
import { provePlan } from '../prove-plan.ts';
import { planInput, readState } from '../read-state.ts';
import { tellUntried } from '../tell-untried.ts';

export interface PlanOptions {
  readonly out?: string;
  /** Guests that may leave their place. */
  readonly maxMoves?: number;
  readonly defrag?: boolean;
}

/** 0 when the host is as planned already, 1 when there is no plan, 2 when something would change. */
export async function plan(context: CommandContext, options: PlanOptions): Promise<ExitCode> {
  const { host, paint } = context;
  const { out, maxMoves, defrag = false } = options;
  const untried = tellUntried(context);
  const state = await readState(host);
  const free = planInput(state, host);
  const steps = defrag ? makeDefrag(free, maxMoves ?? null) : [];
  const mostMoves = steps.at(-1)?.mostMoves ?? maxMoves;
  const input = mostMoves === undefined ? free : { ...free, mostMoves };
  const made = await provePlan(input, context);
  if (made.kind === 'infeasible') return showInfeasible(context, { infeasible: made, input, untried });
  // The steps are the alternatives then.
  const other = defrag ? { defrag: steps } : { alternatives: makeAlternatives(input, made) };
  const file = { schema: 'berth/plan/1' as const, simulated: host.simulated, ...made, ...other, ...untried };
  if (context.json) context.print(encodeJson(planOutputJson, file));
  else {
    const lines = other.alternatives ? renderAlternatives(other.alternatives, paint) : [];
    const head = defrag ? renderDefrag(steps, paint) : '';
    context.print(head + renderPlan(made, state.inventory, paint) + lines.map(line => `${line}\n`).join(''));
  }
  if (out !== undefined) {
    writeOutputFile(out, encodeJson(planFileJson, file));
    context.tell(`Wrote ${out}\n`);
  }
  return changesNothing(made, state.inventory) ? 0 : 2;
}

/** Says who cannot stand together, and what would make room. */
export function showInfeasible(
  context: CommandContext,
  { infeasible, input, untried }: { infeasible: Infeasible; input: PlanInput; untried: MaybeUntried },
): ExitCode {
  const { host, json, paint, print } = context;
  const named = nameCrowders(infeasible, input);
  const relaxations = findRelaxations(input, named);
  const output = { schema: 'berth/plan/1' as const, simulated: host.simulated, ...named, relaxations, ...untried };
  print(json ? encodeJson(planOutputJson, output) : renderInfeasible(named, paint, relaxations));
  return 1;
}
