// Tells systemd to do something, and says what it answers when it does not.
import { execFileSync } from 'node:child_process';
import { HostError } from './host-error.ts';

const TIMEOUT_MS = 20_000;

/** @throws HostError with what systemctl says */
export function systemctl(...args: readonly string[]): void {
  const env = { ...process.env, LC_ALL: 'C' };
  try {
    execFileSync('systemctl', args, {
      timeout: TIMEOUT_MS,
      encoding: 'latin1',
      stdio: ['ignore', 'ignore', 'pipe'],
      env,
    });
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    const why = stderr?.trim() || (error as Error).message;
    throw new HostError('failed', `\`systemctl ${args.join(' ')}\` failed: ${why}`, { cause: error });
  }
}
