// What the network cards of this node can carry: their links as they are now, added up.
import type { TextTree } from '#domain/text-tree.ts';
import { HostError } from './host-error.ts';

const NET = '/sys/class/net';

/** In Mbit/s. Only interfaces of devices count: bridges and taps carry what comes through those. A link that is down says -1, or nothing. */
export function readNetworkMbit(tree: TextTree): number {
  const links = tree.list(NET).filter(name => tree.list(`${NET}/${name}/device`).length > 0);
  return links.reduce((sum, name) => sum + Math.max(0, Number(readSpeed(tree, name)) || 0), 0);
}

/** The kernel answers EINVAL for a link that is down. */
function readSpeed(tree: TextTree, name: string): string {
  try {
    return tree.read(`${NET}/${name}/speed`) ?? '';
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return '';
  }
}
