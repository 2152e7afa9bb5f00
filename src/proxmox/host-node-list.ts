// The way of `hostnodes` from the config through Proxmox to QEMU, on which some lists become others.
import { type NodeSet, nodeSet } from '#domain/id-set.ts';
import { encodeRange, type NumberRange } from './numa-entry.ts';
import { countFromTo, parseQemuRange } from './qemu-number.ts';
import type { StartHost } from './start-host.ts';
import { StartRefusal } from './start-problem.ts';
import { isTrue } from './start-values.ts';

/**
 * The list as Proxmox passes it on, when its nodes are there.
 * @throws StartRefusal when a host node is not there.
 */
export function joinHostNodes(key: string, ranges: readonly NumberRange[], host: StartHost): string {
  for (const { first, last } of ranges) {
    const missing = findMissingNode(first, Number(last ?? first), host);
    if (missing !== null) {
      throw new StartRefusal('host-node-missing', [key], `host NUMA node${missing} doesn't exist`);
    }
  }
  return passHostNodes(ranges);
}

/**
 * The list as Proxmox passes it on. Its Perl takes a list that is only `0` so far for an empty one and then leaves out the comma:
 * `0;1` becomes `01`, which QEMU reads as node 1 alone.
 */
export const passHostNodes = (ranges: readonly NumberRange[]): string =>
  ranges.reduce((text, range) => (isTrue(text) ? `${text},${encodeRange(range)}` : `${text}${encodeRange(range)}`), '');

/** The first number is looked up as it was written: there is no directory `node01`. */
function findMissingNode(first: string, last: number, { nodes }: StartHost): string | null {
  if (`${Number(first)}` !== first) return first;
  const ids = new Set<number>(nodes.ids);
  for (let id = Number(first); id <= last; id++) if (!ids.has(id)) return `${id}`;
  return null;
}

/** The host nodes that QEMU takes from the list that Proxmox passed; null when it cannot read it. */
export function parseQemuHostNodes(passed: string): NodeSet | null {
  // A comma ends the option's value: what follows is to QEMU another option, which it does not know.
  const range = passed.includes(',') ? null : parseQemuRange(passed);
  return range === null ? null : nodeSet(countFromTo(...range));
}

/** QEMU's words for a list that it cannot read. */
export function explainUnreadableHostNodes(hostNodes: string): string {
  const [first = '', next] = hostNodes.split(',');
  const readable = next !== undefined && parseQemuRange(first) !== null;
  return readable ? `Invalid parameter '${next}'` : "Parameter 'host-nodes' expects a uint64 value or range";
}
