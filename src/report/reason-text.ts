// The English of the planner's reasons.
import { encodeIdList } from '#domain/id-list.ts';
import type { Reason } from '#domain/plan.ts';

/** One clause, without a full stop. */
export function describeReason(reason: Reason): string {
  switch (reason.kind) {
    case 'only-node':
      return 'the host has one NUMA node';
    case 'fits-one-node':
      return `CPUs and memory all fit into node ${reason.node}`;
    case 'spans-nodes':
      return `needs ${reason.nodes} nodes: ${SPAN_CAUSES[reason.because]}`;
    case 'one-llc':
      return 'one last-level cache';
    case 'spans-llcs':
      return `spans ${reason.llcs} last-level caches, of which the largest has ${reason.most} cores`;
    case 'whole-cores':
      return reason.cores === 1 ? 'one core, nobody else on it' : `${reason.cores} cores, nobody else on them`;
    case 'idle-siblings':
      return `thread siblings ${encodeIdList(reason.cpus)} stay idle`;
    case 'kept-in-place':
      return 'stays where it is';
    case 'run-time-only':
      return 'placed at run time only: its config goes with it to other nodes';
    case 'kept-off':
      return `kept off the CPUs of ${reason.owners.join(', ')}`;
    case 'confined-to':
      return confined(reason);
  }
}

const SPAN_CAUSES = {
  cpus: 'no node has CPUs enough for it beside those of the host',
  memory: 'it has more memory than a node',
  others: 'no single node has enough left beside the other guests',
} as const;

function confined({ span, neighbours }: Extract<Reason, { kind: 'confined-to' }>): string {
  const domain = span === 'llc' ? 'one last-level cache' : 'one node';
  return neighbours.length === 0
    ? `kept inside ${domain}`
    : `kept inside ${domain}, shared with ${neighbours.join(', ')}`;
}
