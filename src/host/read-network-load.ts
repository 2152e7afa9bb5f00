// What the network cards of this node can carry: their links as they are now, added up.
import type { TextTree } from '#domain/text-tree.ts';
import { HostError } from './host-error.ts';

export const NETWORK_ROOT = '/sys/class/net';

export interface NetworkLink {
  readonly name: string;
  /** As the kernel writes it, in Mbit/s; empty for a link that is down. */
  readonly speed: string;
}

/** In Mbit/s; null where no interface is to be seen, not even `lo`: that is a tree without this information. A link that is down says -1, or nothing. */
export function readNetworkMbit(tree: TextTree): number | null {
  if (tree.list(NETWORK_ROOT).length === 0) return null;
  return readNetworkLinks(tree).reduce((sum, { speed }) => sum + Math.max(0, Number(speed) || 0), 0);
}

/** Only interfaces of devices: bridges and taps carry what comes through those, and so do virtual functions, which name their card as `physfn`. */
export function readNetworkLinks(tree: TextTree): readonly NetworkLink[] {
  return tree.list(NETWORK_ROOT).flatMap(name => {
    const path = `${NETWORK_ROOT}/${name}`;
    const isCard = tree.list(path).includes('device') && !tree.list(`${path}/device`).includes('physfn');
    return isCard ? [{ name, speed: readSpeed(tree, `${path}/speed`) }] : [];
  });
}

/** The kernel answers EINVAL for a link that is down. */
function readSpeed(tree: TextTree, path: string): string {
  try {
    return tree.read(path) ?? '';
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return '';
  }
}
