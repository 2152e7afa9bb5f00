// The start of a VM played with another node's CPUs, NUMA nodes and page sizes: whatever else Proxmox or QEMU refuse there.
import { nodeSet } from '#domain/id-set.ts';
import { type MoveFinding, moveFinding } from '#domain/move.ts';
import type { NodeFacts } from '#domain/node-facts.ts';
import { predictStart } from '#proxmox/predict-start.ts';
import type { StartHost } from '#proxmox/start-host.ts';
import type { StartProblemCode } from '#proxmox/start-problem.ts';
import type { MovedConfig } from './check-move.ts';

/** Said by findings of their own, with more than the first one of a kind. */
const SAID_ELSEWHERE: readonly StartProblemCode[] = ['vcpus-over-host', 'affinity-cpus-missing', 'host-node-missing'];

/** Proxmox knows two page sizes; where it was not told which of them the node has, both are taken to be there. */
const BOTH_SIZES_KIB: ReadonlySet<number> = new Set([2048, 1_048_576]);

export function* checkMovedStart({ values, at, there }: MovedConfig): Generator<MoveFinding> {
  const problem = predictStart(values, makeTargetStartHost(there)).problems.find(
    ({ severity }) => severity === 'error',
  );
  if (problem === undefined || SAID_ELSEWHERE.includes(problem.code)) return;
  if (problem.code === 'hugepages-unsupported') {
    const sizesKiB = [...(there.hugepageSizesKiB ?? [])].sort((a, b) => a - b);
    const hugepages = values.get('hugepages') ?? '';
    yield moveFinding('hugepages-absent', { effect: 'stops', at }, { hugepages, sizesKiB });
    return;
  }
  const { code, keys, says } = problem;
  yield moveFinding('start-refused', { effect: 'stops', at }, { problem: code, keys, says });
}

function makeTargetStartHost({ topology, hugepageSizesKiB }: NodeFacts): StartHost {
  const { nodes, online, physicalAddressBits = null } = topology;
  return {
    onlineCpus: online,
    nodes: nodeSet(nodes.map(({ id }) => id)),
    memoryNodes: nodeSet(nodes.filter(({ memoryMiB }) => memoryMiB !== 0).map(({ id }) => id)),
    hugepageSizesKiB: hugepageSizesKiB ?? BOTH_SIZES_KIB,
    physicalAddressBits,
  };
}
