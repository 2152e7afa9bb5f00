// NUMA nodes of lstopo: a child of the CPUs near it since hwloc 2, their parent before.
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import { type NumaNodeId, numaNodeId } from '#domain/ids.ts';
import type { PastedNode } from '#domain/pasted-topology.ts';
import { type LstopoDocument, type LstopoObject, parseLstopoCpuSet } from './lstopo-document.ts';
import { failAt, parseId } from './pasted-lines.ts';
import { type NodeCpus, withoutContested } from './pasted-nodes.ts';

/** Ascending by id. hwloc 1 shows no node on a machine that has one: then the machine is node 0. */
export function makeLstopoNodes(document: LstopoDocument, online: CpuSet, unknown: string[]): readonly PastedNode[] {
  const objects = document.objects.filter(({ type }) => type === 'NUMANode');
  const machine = document.objects[0];
  const nodes = (objects.length === 0 && machine ? [makeWholeMachine(machine, online)] : objects.map(makeNode)).map(
    node => ({ ...node, cpus: node.cpus.intersection(online) }),
  );
  checkIds(nodes, objects);
  const matrix = makeDistances(document, nodes);
  if (matrix.size === 0) unknown.push('distances: not in the file');
  for (const { id, memoryMiB } of nodes) if (memoryMiB === null) unknown.push(`memory of node ${id}: not in the file`);
  // A node without CPUs is near the CPUs of another, and lstopo does not say which of the two has them.
  return withoutContested(nodes, unknown)
    .map(node => ({ ...node, distances: matrix.get(node.id) ?? new Map() }))
    .sort((a, b) => a.id - b.id);
}

/** CPUs near it, which memory without CPUs has as well. */
interface NodeObject extends NodeCpus {
  readonly memoryMiB: number | null;
}

function makeNode({ attributes, line }: LstopoObject): NodeObject {
  return {
    id: numaNodeId(parseId(attributes.os_index ?? '', line, 'the os_index of a NUMANode')),
    cpus: attributes.cpuset === undefined ? cpuSet() : parseLstopoCpuSet(attributes.cpuset, line),
    // hwloc leaves the attribute out where there is no memory.
    memoryMiB: mebibytes(attributes.local_memory ?? '0'),
  };
}

const makeWholeMachine = ({ attributes }: LstopoObject, cpus: CpuSet): NodeObject => ({
  id: numaNodeId(0),
  cpus,
  memoryMiB: mebibytes(attributes.local_memory),
});

const mebibytes = (bytes = ''): number | null => (/^\d+$/.test(bytes) ? Math.floor(Number(bytes) / 2 ** 20) : null);

function checkIds(nodes: readonly NodeObject[], objects: readonly LstopoObject[]): void {
  const seen = new Set<NumaNodeId>();
  nodes.forEach(({ id }, index) => {
    if (seen.has(id)) failAt(objects[index]?.line ?? 1, `Node ${id} occurs twice`);
    seen.add(id);
  });
}

type DistanceMatrix = ReadonlyMap<NumaNodeId, ReadonlyMap<NumaNodeId, number>>;

/** v1 gives no ids: its order is that of the objects, and only a matrix of as many nodes as there are can be theirs. */
function makeDistances({ distances }: LstopoDocument, nodes: readonly NodeObject[]): DistanceMatrix {
  const ids = nodes.map(({ id }) => id);
  for (const { nodes: named, values, line } of distances) {
    const order = named === null ? ids : named.map(numaNodeId);
    if (named === null && values.length !== ids.length ** 2) continue;
    const stranger = order.find(id => !ids.includes(id));
    if (stranger !== undefined) failAt(line, `Distances to node ${stranger}, which the file does not have`);
    return new Map(
      order.map((from, row) => [
        from,
        new Map(order.map((to, column) => [to, values[row * order.length + column] ?? 0])),
      ]),
    );
  }
  return new Map();
}
