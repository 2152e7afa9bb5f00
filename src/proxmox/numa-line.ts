// The `numaN` values of a VM config: `cpus=0-3,memory=8192,hostnodes=0,policy=preferred`.
import { invariant, ParseError } from '#domain/errors.ts';
import type { GuestNumaNode, MemoryPolicy } from '#domain/guest.ts';
import { encodeIdList, parseIdList } from '#domain/id-list.ts';
import { IdSet } from '#domain/id-set.ts';
import type { NumaNodeId, VcpuIndex } from '#domain/ids.ts';
import { encodePropertyString, type PropertyFormat, parsePropertyString } from './property-string.ts';

/** `numa0` to `numa7`. */
export const MAX_NUMA_NODES = 8;

const LIST = /^\d+(-\d+)?(;\d+(-\d+)?)*$/;

export const NUMA_FORMAT: PropertyFormat = {
  properties: {
    cpus: { type: 'string', pattern: LIST },
    memory: { type: 'number', optional: true },
    hostnodes: { type: 'string', pattern: LIST, optional: true },
    policy: { type: 'string', oneOf: ['preferred', 'bind', 'interleave'], optional: true },
  },
};

/**
 * Reads the value of `numa<index>`; lists are separated by `;`, because `,` separates the properties.
 * The ids are those written; what reaches QEMU may differ, see `garblesHostNodes`.
 * @throws ParseError when Proxmox drops the line, or reads it and then cannot start the VM (a reversed range).
 */
export function parseNumaLine(index: number, text: string): GuestNumaNode {
  const values = parsePropertyString(text, NUMA_FORMAT);
  const memory = values.get('memory');
  return {
    index,
    vcpus: parseIdList<VcpuIndex>(values.get('cpus') ?? '', 'vCPU list', ';').ids,
    memoryMiB: memory === undefined ? null : Number(memory),
    hostNodes: parseIdList<NumaNodeId>(values.get('hostnodes') ?? '', 'host node list', ';').ids,
    policy: parsePolicy(values.get('policy')),
  };
}

/**
 * The value that Proxmox turns into exactly this node.
 * Host nodes must be one id or one gapless range, and come with a policy: Proxmox garbles other lists and stops without a policy.
 */
export function encodeNumaLine({ vcpus, memoryMiB, hostNodes, policy }: Omit<GuestNumaNode, 'index'>): string {
  invariant(vcpus.length > 0, 'a guest NUMA node without vCPUs');
  invariant(isOneRange(hostNodes), `host nodes ${hostNodes.join(';')} are not one range`);
  invariant(hostNodes.length === 0 || policy !== null, 'host nodes without a memory policy');
  return encodePropertyString([
    ['cpus', encodeIdList(IdSet.of(vcpus), ';')],
    ['memory', memoryMiB === null ? null : `${memoryMiB}`],
    ['hostnodes', hostNodes.length === 0 ? null : encodeIdList(IdSet.of(hostNodes), ';')],
    ['policy', policy],
  ]);
}

/** True for a host node list in several parts: `0;1` reaches QEMU as `host-nodes=01`, and QEMU refuses what becomes of `1;2`. */
export function garblesHostNodes(text: string): boolean {
  return /(^|,)hostnodes=[^,]*;/.test(text);
}

function isOneRange(hostNodes: readonly NumaNodeId[]): boolean {
  return !encodeIdList(IdSet.of(hostNodes)).includes(',');
}

function parsePolicy(text: string | undefined): MemoryPolicy | null {
  if (text === undefined) return null;
  if (text === 'preferred' || text === 'bind' || text === 'interleave') return text;
  throw new ParseError(`"${text}" is not a memory policy`);
}
