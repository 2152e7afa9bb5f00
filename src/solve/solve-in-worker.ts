// HiGHS in a thread of its own, started when the first model comes.
import { Worker } from 'node:worker_threads';
import { type LinearModel, NOT_SOLVED, type Solution, type Solve, type SolveLimits } from '#plan/linear-model.ts';
import type { SolveRequest } from './highs-worker.ts';

export interface SolverCode {
  /** The bundled `highs-worker`. */
  readonly code: string;
  /** The program's own file or URL, beside which HiGHS is found. */
  readonly beside: string;
}

export interface Solver {
  readonly solve: Solve;
  readonly close: () => Promise<void>;
}

/** @param signal Gives up what is being solved, and all that comes after. */
export function openSolver({ code, beside }: SolverCode, signal: AbortSignal): Solver {
  let worker: Worker | null = null;
  const close = async () => {
    await worker?.terminate();
    worker = null;
  };
  const solve = (model: LinearModel, limits: SolveLimits): Promise<Solution> => {
    if (signal.aborted) return Promise.resolve(NOT_SOLVED);
    worker ??= new Worker(code, { eval: true, workerData: beside });
    return ask(worker, { model, limits }, signal);
  };
  return { solve, close };
}

/** @throws what ends the thread, except that it is ended on purpose. */
function ask(worker: Worker, request: SolveRequest, signal: AbortSignal): Promise<Solution> {
  const over = new AbortController();
  const answer = new Promise<Solution>((resolve, reject) => {
    const listen = (target: Worker | AbortSignal, event: string, listener: (value: unknown) => void) => {
      if (target instanceof AbortSignal) target.addEventListener(event, listener, { once: true, signal: over.signal });
      else {
        target.once(event, listener);
        over.signal.addEventListener('abort', () => void target.off(event, listener), { once: true });
      }
    };
    listen(worker, 'message', solution => resolve(solution as Solution));
    listen(worker, 'error', reject);
    listen(worker, 'exit', () => reject(new Error('The solver ended without an answer')));
    listen(signal, 'abort', () => resolve(NOT_SOLVED));
  });
  worker.postMessage(request);
  return answer.finally(() => over.abort());
}
