// Finds out which Proxmox node this is.
import type { TextTree } from '#domain/text-tree.ts';
import { HostError } from './host-error.ts';

/** The host name up to its first dot, as Proxmox names nodes. @throws HostError when the cluster file system knows no such node. */
export function readNodeName(host: TextTree): string {
  const hostname = host.read('/etc/hostname') ?? host.read('/proc/sys/kernel/hostname');
  const node = hostname?.trim().split('.')[0];
  if (node === undefined || !/^[a-z0-9-]+$/i.test(node)) {
    throw new HostError('failed', `Cannot tell the node's name: /etc/hostname holds ${JSON.stringify(hostname)}`);
  }
  const known = host.list('/etc/pve/nodes');
  if (known.length > 0 && !known.includes(node)) {
    throw new HostError(
      'missing',
      `Cannot find node "${node}" (from /etc/hostname) in /etc/pve/nodes, which has ${known.join(', ')}`,
    );
  }
  return node;
}
