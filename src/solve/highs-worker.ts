// The thread in which HiGHS solves: it blocks, and is ended from outside when somebody interrupts.
import { createRequire } from 'node:module';
import { parentPort } from 'node:worker_threads';
import type { LinearModel, SolveLimits } from '#plan/linear-model.ts';
import { loadHighs, solveLinear } from './solve-linear.ts';

export interface SolveRequest {
  readonly model: LinearModel;
  readonly limits: SolveLimits;
}

const loading = loadHighs(createRequire(import.meta.url));

parentPort?.on('message', (request: SolveRequest) => void answer(request));

async function answer({ model, limits }: SolveRequest): Promise<void> {
  parentPort?.postMessage(solveLinear(await loading, model, limits));
}
