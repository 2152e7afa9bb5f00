// Moves the memory of running VMs to their planned nodes as a transaction of its own: locked, journalled, to be undone like any other.
import type { JournalEntry, StepRecord } from '#domain/journal.ts';
import type { MemoryMove } from '#domain/memory-move.ts';
import { nextEntryId, readJournal } from './journal-files.ts';
import { makeEntry, type RunOptions, runEntry } from './run-entry.ts';
import type { StepContext } from './steps.ts';
import { withBerthLock } from './with-lock.ts';

export interface MoveMemoryOptions extends Pick<RunOptions, 'onStep' | 'shouldStop' | 'now'> {
  readonly context: StepContext;
  readonly node: string;
  /** What is to be moved, from the host as it is now; asked once the lock is held. */
  readonly readMoves: () => Promise<readonly MemoryMove[]>;
}

export interface MovedMemory {
  /** Null when there was nothing to move. */
  readonly entry: JournalEntry | null;
  readonly stays: ReadonlyArray<Extract<MemoryMove, { kind: 'stays' }>>;
}

/** @throws HostError when it was refused before the first step; nothing has then been changed. */
export function moveMemory({ context, node, readMoves, ...options }: MoveMemoryOptions): Promise<MovedMemory> {
  const { host } = context;
  const { now } = options;
  return withBerthLock(host, now, async () => {
    const moves = await readMoves();
    const stays = moves.flatMap(move => (move.kind === 'stays' ? [move] : []));
    const records = moves.flatMap((move): readonly StepRecord[] => {
      if (move.kind === 'stays') return [];
      const { vmid, pid, startTime, mappings } = move;
      return [{ kind: 'memory', vmid, pid, startTime, mappings, outcome: null }];
    });
    if (records.length === 0) return { entry: null, stays };
    const id = nextEntryId(readJournal(host));
    const begun = makeEntry({ id, action: 'apply', undoes: null, node, records, now });
    const entry = await runEntry(begun, { ...options, context, refresh: async record => record });
    return { entry, stays };
  });
}
