// Finds Proxmox's own command-line tools, which are the way to change a config on a real node.
import { accessSync, constants } from 'node:fs';
import { posix } from 'node:path';
import type { Host } from './host.ts';

/** The path of `qm`; null on a captured tree, whose guests this machine's `qm` does not know, and where Proxmox is not installed. */
export const findQm = (host: Host): string | null => findCommand(host, 'qm');

/** The same for `pct`. */
export const findPct = (host: Host): string | null => findCommand(host, 'pct');

function findCommand(host: Host, name: string): string | null {
  if (host.simulated) return null;
  const directories = (process.env.PATH ?? '').split(':').filter(directory => directory.startsWith('/'));
  return directories.map(directory => posix.join(directory, name)).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
