// Load on the host while it is measured: stress-ng where it is installed, else threads of this process; either ends with Berth, however that ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { MadeLoad } from '#domain/measurement.ts';
import { findProgram } from '#host/find-program.ts';
import { HostError } from '#host/host-error.ts';

export interface RunningLoad {
  readonly load: MadeLoad;
  /** @returns false when it had ended before */
  stop(): Promise<boolean>;
}

export interface LoadOptions {
  /** One for each CPU puts every CPU in demand. */
  readonly workers: number;
  /** When it ends by itself, should nobody end it. */
  readonly longestS: number;
}

/** @throws HostError when stress-ng is there and does not start */
export function startLoad(options: LoadOptions): Promise<RunningLoad> {
  const program = findProgram('stress-ng');
  return program === null ? Promise.resolve(startThreads(options.workers)) : startStressNg(program, options);
}

/** Busy for a while, then asleep for a moment: what wakes up competes otherwise than what never sleeps. */
const WORK = `
const pause = new Int32Array(new SharedArrayBuffer(4));
for (;;) {
  const end = performance.now() + 5 + Math.random() * 20;
  while (performance.now() < end);
  Atomics.wait(pause, 0, 0, Math.random() * 5);
}`;

function startThreads(workers: number): RunningLoad {
  const threads = Array.from({ length: workers }, () => new Worker(WORK, { eval: true }));
  return {
    load: { kind: 'built-in', workers },
    stop: async () => {
      await Promise.all(threads.map(thread => thread.terminate()));
      return true;
    },
  };
}

/** Of each CPU's time, for the same reason. */
const BUSY_PERCENT = 85;

/** A process group of its own, which is killed as a whole; its parent's death kills it first, and its own children then end by themselves. */
async function startStressNg(program: string, { workers, longestS }: LoadOptions): Promise<RunningLoad> {
  const argv = [
    ...['--pdeathsig', 'KILL', program, '--cpu', `${workers}`, '--cpu-load', `${BUSY_PERCENT}`],
    ...['--timeout', `${Math.ceil(longestS)}s`, '--quiet'],
  ];
  // It wants to write where it is, and writes nothing.
  const child = spawn('setpriv', argv, { stdio: 'ignore', detached: true, cwd: '/run' });
  await once(child, 'spawn').catch((error: unknown) => {
    throw new HostError('failed', `Cannot start ${program}`, { cause: error });
  });
  return { load: { kind: 'stress-ng', workers }, stop: () => killGroup(child) };
}

async function killGroup(child: ChildProcess): Promise<boolean> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return false;
  const gone = once(child, 'exit');
  process.kill(-child.pid, 'SIGKILL');
  await gone;
  return true;
}
