// Undoes what a measurement had applied when it was killed: its placement was never meant to stay.
import type { JournalEntry } from '#domain/journal.ts';
import type { TextTree } from '#domain/text-tree.ts';
import { readBenchMark } from '#host/bench-mark.ts';
import { readJournal, readNewestText } from './journal-files.ts';
import type { StepContext } from './steps.ts';
import { nextToUndo, undoEntry } from './undo-entry.ts';

/** The apply that waits for its undo, and for nobody else: null as a rule, which takes one small file to see. */
export function findAbandonedBench(tree: TextTree): JournalEntry | null {
  const isBench = readNewestText(tree)?.includes('"purpose": "bench"') === true;
  if (!isBench || readBenchMark(tree) !== null) return null;
  const next = nextToUndo(readJournal(tree));
  return next?.purpose === 'bench' ? next : null;
}

/** Null when there was nothing to finish. @throws HostError as `undoEntry`: it stays in the journal then, and is tried again. */
export async function finishAbandonedBench(context: StepContext, now: () => Date): Promise<JournalEntry | null> {
  const abandoned = findAbandonedBench(context.host);
  return abandoned === null ? null : undoEntry(abandoned.id, { context, now });
}
