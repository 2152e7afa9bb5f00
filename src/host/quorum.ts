// Whether the cluster file system takes writes: without quorum every write fails, so nothing is begun.
import { statSync } from 'node:fs';
import type { Host } from './host.ts';

/**
 * Root is not held back by mode bits, so Proxmox itself looks at the owner's write bit of `/etc/pve/local` (pve-cluster, Cluster.pm).
 * True where there is no such directory: a captured tree, a machine without Proxmox.
 */
export function hasQuorum(host: Host): boolean {
  if (host.simulated) return true;
  const local = statSync('/etc/pve/local', { throwIfNoEntry: false });
  return local === undefined || (local.mode & 0o200) !== 0;
}
