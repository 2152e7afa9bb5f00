// Runs a program of the lab host to its end.
import { spawnSync } from 'node:child_process';

/** dpkg takes minutes for a package of 118 MB on emulated CPUs. */
const LIMIT_MS = 600_000;

/** Its standard output. @throws Error with what it said when it fails. */
export function runProgram(argv: readonly string[]): string {
  const { status, output } = tryProgram(argv);
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}: ${output.trim()}`);
  return output;
}

export interface Ran {
  /** Null when a signal ended it. */
  readonly status: number | null;
  /** Standard output, then standard error. */
  readonly output: string;
  readonly stdout: string;
}

/** @throws Error only when it cannot be run at all, or does not end. */
export function tryProgram(argv: readonly string[]): Ran {
  const [program = '', ...args] = argv;
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: LIMIT_MS,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (error !== undefined) throw new Error(`${argv.join(' ')}: ${error.message}`);
  return { status, stdout, output: stdout + stderr };
}
