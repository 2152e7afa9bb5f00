// Whose CPUs they are, when a text gives the same CPUs to several nodes.
import type { CpuSet } from '#domain/id-set.ts';
import type { NumaNodeId } from '#domain/ids.ts';

export interface NodeCpus {
  readonly id: NumaNodeId;
  readonly cpus: CpuSet;
}

/** Nodes that claim the same CPUs have null for them, and a reason each is added to `unknown`. */
export function withoutContested<Node extends NodeCpus>(
  nodes: readonly Node[],
  unknown: string[],
): ReadonlyArray<Omit<Node, 'cpus'> & { readonly cpus: CpuSet | null }> {
  return nodes.map(node => {
    const rivals = nodes.filter(other => other.id !== node.id && !other.cpus.isDisjointFrom(node.cpus));
    if (rivals.length === 0) return node;
    const names = rivals.map(({ id }) => id).join(', ');
    unknown.push(`CPUs of node ${node.id}: nodes ${names} have some of them as well, and one CPU is in one node`);
    return { ...node, cpus: null };
  });
}
