// The thread in which HiGHS solves: it blocks, and is ended from outside when somebody interrupts.
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { LinearModel, SolveLimits } from '#plan/linear-model.ts';
import { loadHighs, solveLinear } from './solve-linear.ts';

export interface SolveRequest {
  readonly model: LinearModel;
  readonly limits: SolveLimits;
}

/** This code has no file of its own: HiGHS is looked for from the program's. */
const loading = loadHighs(createRequire(workerData as string));

parentPort?.on('message', (request: SolveRequest) => void answer(request));

async function answer({ model, limits }: SolveRequest): Promise<void> {
  parentPort?.postMessage(solveLinear(await loading, model, limits));
}
