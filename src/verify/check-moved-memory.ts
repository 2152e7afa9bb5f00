// The host nodes that a VM's memory is bound to, on another node: absent, too small, or far from its CPUs.
import { ParseError } from '#domain/errors.ts';
import type { GuestNumaNode } from '#domain/guest.ts';
import type { HostTopology } from '#domain/host-topology.ts';
import { type CpuSet, type NodeSet, nodeSet } from '#domain/id-set.ts';
import { type MoveFinding, moveFinding } from '#domain/move.ts';
import { parseAffinity } from '#proxmox/cpuset.ts';
import { numaKeys } from '#proxmox/numa-entry.ts';
import { parseNumaLine } from '#proxmox/numa-line.ts';
import { type ConfigValues, isSet } from '#proxmox/start-values.ts';
import type { MovedConfig } from './check-move.ts';

export function* checkMovedMemory(config: MovedConfig): Generator<MoveFinding> {
  const { values, at, here, there } = config;
  const lines = boundLines(values);
  const ids = nodeSet(there.topology.nodes.map(({ id }) => id));
  for (const { key, node } of lines) {
    const absent = nodeSet(node.hostNodes).difference(ids);
    if (!absent.isEmpty) yield moveFinding('host-nodes-absent', { effect: 'stops', at }, { key, nodes: absent });
  }
  yield* checkBindSizes(lines, config);
  const bound = nodeSet(lines.flatMap(({ node }) => node.hostNodes)).intersection(ids);
  const affinity = parseAffinity(values.get('affinity') ?? '');
  if (affinity.kind !== 'set' || bound.isEmpty) return;
  const cpus = nodesOf(affinity.cpus, there.topology);
  const wasTogether = bound.isSubsetOf(nodesOf(affinity.cpus, here.topology));
  if (wasTogether && !cpus.isEmpty && !bound.isSubsetOf(cpus)) {
    yield moveFinding('memory-apart', { effect: 'unnoticed', at }, { memory: bound, cpus });
  }
}

interface BoundLine {
  readonly key: string;
  readonly node: GuestNumaNode;
}

/** Lines with host nodes that count: without `numa: 1` Proxmox ignores them all. */
function boundLines(values: ConfigValues): readonly BoundLine[] {
  if (!isSet(values, 'numa')) return [];
  return numaKeys(values).flatMap(key => {
    try {
      const node = parseNumaLine(Number(key.slice('numa'.length)), values.get(key) ?? '');
      return node.hostNodes.length === 0 ? [] : [{ key, node }];
    } catch (error) {
      // Such a line keeps the VM from starting anywhere, which the played start says.
      if (error instanceof ParseError) return [];
      throw error;
    }
  });
}

/** More than the nodes have in all: sooner or later the kernel kills the VM. Whether so much is free only the node itself knows. */
function* checkBindSizes(lines: readonly BoundLine[], { at, there }: MovedConfig): Generator<MoveFinding> {
  for (const { key, node } of lines) {
    const homes = there.topology.nodes.filter(({ id }) => node.hostNodes.includes(id));
    const [first] = homes;
    if (first === undefined || node.policy !== 'bind' || homes.some(({ memoryMiB }) => memoryMiB === null)) continue;
    const totalMiB = homes.reduce((sum, { memoryMiB }) => sum + (memoryMiB ?? 0), 0);
    const memoryMiB = Math.ceil(node.memoryMiB ?? 0);
    if (memoryMiB <= totalMiB) continue;
    yield moveFinding('bind-too-large', { effect: 'unnoticed', at }, { key, node: first.id, memoryMiB, totalMiB });
  }
}

const nodesOf = (cpus: CpuSet, { nodes }: HostTopology): NodeSet =>
  nodeSet(nodes.filter(node => !node.cpus.isDisjointFrom(cpus)).map(({ id }) => id));
