// Plans and proves, with the solver in its thread; Ctrl-C ends the proof, not the plan.
import type { Infeasible, Plan } from '#domain/plan.ts';
import { explainMissingPart } from '#host/missing-part.ts';
import { makeProvenPlan, type PlanInput } from '#plan/make-plan.ts';
import { openSolver } from '#solve/solve-in-worker.ts';
import { solverCode } from './built-in.ts';
import type { CommandContext } from './command-context.ts';
import { interruptOnSignal } from './interrupt-on-signal.ts';

/** A proof that takes longer than this says so. */
const PATIENCE_MS = 1000;

export async function provePlan(input: PlanInput, { tell }: CommandContext): Promise<Plan | Infeasible> {
  const { signal, release } = interruptOnSignal();
  const solver = openSolver({ code: solverCode(), beside: import.meta.url }, signal);
  const notice = setTimeout(() => tell('Proving that no plan is better; Ctrl-C takes the best so far.\n'), PATIENCE_MS);
  try {
    return await makeProvenPlan(input, solver.solve);
  } catch (error) {
    throw explainMissingPart(error);
  } finally {
    clearTimeout(notice);
    release();
    await solver.close();
  }
}
