// One agent on a node: it holds a lock while it lives, by which others see that it does.
import type { Host } from './host.ts';
import { HostError } from './host-error.ts';
import { type FileLock, lockFile } from './lock.ts';

const AGENT_LOCK = '/run/berth/agent.lock';

/** @throws HostError `busy` when another one runs. */
export function lockAgent(host: Host): FileLock {
  try {
    return lockFile(host, AGENT_LOCK);
  } catch (error) {
    if (!(error instanceof HostError) || error.reason !== 'busy') throw error;
    throw new HostError('busy', `An agent runs already: ${error.message}. Stop it with \`systemctl stop berth\``);
  }
}

/** The process of the agent; null when none runs, however the last one ended. */
export function findAgent(host: Host): number | null {
  const pid = Number(host.read(AGENT_LOCK)?.trim() || Number.NaN);
  if (!Number.isInteger(pid)) return null;
  try {
    lockFile(host, AGENT_LOCK).release();
    return null;
  } catch (error) {
    if (error instanceof HostError && error.reason === 'busy') return pid;
    throw error;
  }
}
