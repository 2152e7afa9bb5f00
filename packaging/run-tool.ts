// Runs a program that packaging needs, to its end.
import { spawnSync } from 'node:child_process';

export interface ToolOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Its standard output. @throws Error with what it said when it fails. */
export function runTool([program = '', ...args]: readonly string[], options: ToolOptions = {}): Buffer {
  const { status, signal, stdout, stderr, error } = spawnSync(program, args, { ...options, maxBuffer: 64 << 20 });
  if (status === 0) return stdout;
  const said = error?.message ?? `${stdout.toString()}${stderr.toString()}`.trimEnd();
  throw new Error(`${program} ended with ${status ?? signal}: ${said}`);
}
