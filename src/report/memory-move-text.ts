// Which memory would be moved, which was, and why the rest stays, in words.
import { encodeIdList } from '#domain/id-list.ts';
import type { JournalEntry } from '#domain/journal.ts';
import type { MemoryMove, MoveObstacle, StayCause } from '#domain/memory-move.ts';
import { renderMib } from './memory-text.ts';
import type { Paint } from './paint.ts';

/** Before anything is moved. */
export function renderMemoryMoves(moves: readonly MemoryMove[], paint: Paint): string {
  if (moves.length === 0) return 'All memory of the placed VMs that run is on their nodes.\n';
  const lines = moves.map(move => {
    const { vmid, elsewhereMiB } = move;
    const amount = elsewhereMiB === null ? 'its memory' : renderMib(elsewhereMiB);
    if (move.kind === 'stays')
      return `  ${paint.warn('stays')} VM ${vmid}, ${amount}: ${describeObstacle(move.obstacle)}`;
    const later = move.later.isEmpty
      ? ''
      : `; what it touches for the first time still comes from node ${encodeIdList(move.later)} until its next start`;
    return `  VM ${vmid}, ${amount} to node ${encodeIdList(move.to)}${later}`;
  });
  return `${[paint.bold('Memory'), ...lines].join('\n')}\n`;
}

/** Afterwards, for each VM: what moved, what stayed. Empty for an entry that moved none. */
export function renderMovedMemory({ steps }: JournalEntry, paint: Paint): string {
  return steps
    .flatMap(({ record }) => {
      if (record.kind !== 'memory' || record.outcome === null) return [];
      const { movedMiB, stayed } = record.outcome;
      const rest = stayed.map(({ cause, MiB }) => `  ${paint.warn('stayed')} ${renderMib(MiB)}: ${STAYED[cause]}`);
      return [`  VM ${record.vmid}: ${renderMib(movedMiB)} moved`, ...rest];
    })
    .map(line => `${line}\n`)
    .join('');
}

const STAYED: Readonly<Record<StayCause, string>> = {
  shared: 'other processes have these pages too',
  held: 'a device, the kernel or a transfer holds these pages',
  'no-room': 'the node has no free pages left',
};

function describeObstacle(obstacle: MoveObstacle): string {
  switch (obstacle.kind) {
    case 'passthrough':
      return 'a passthrough device may write to any of its pages, so the kernel holds them all until it stops';
    case 'encrypted':
      return 'it is encrypted (SEV or TDX), and its pages are tied to where they are until it stops';
    case 'bound':
      return `it runs with policy=bind on node ${encodeIdList(obstacle.nodes)}: what it touches next would come from there again, or not at all; restart it instead`;
    case 'other-topology':
      return 'it is planned on several nodes, and runs with other NUMA nodes of its own than planned; restart it instead';
    case 'no-room':
      return `node ${obstacle.node} has ${renderMib(obstacle.thereMiB)} to give, ${renderMib(obstacle.neededMiB)} are needed`;
    case 'unreadable':
      return 'where it is cannot be read';
  }
}
