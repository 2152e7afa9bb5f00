// Runs the built program as an administrator would, inside this test file's private mounts.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** For tests that start it and go on. */
export const PROGRAM = fileURLToPath(new URL('../bin/berth', import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunBerthOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Numeric user to run as; default root. */
  readonly uid?: number;
}

export function runBerth(args: readonly string[], { env = {}, uid }: RunBerthOptions = {}): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
    encoding: 'latin1',
    timeout: 60_000,
    env: { ...process.env, NO_COLOR: '1', ...env },
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  return { code: status, stdout, stderr };
}
