// Kernel parameters that Berth has written on this node, and those that it has taken back, as the journal has them.
import type { JournalEntry, StepRecord } from '#domain/journal.ts';
import type { TextTree } from '#domain/text-tree.ts';
import { readJournal } from './journal-files.ts';
import { isUndone } from './undo-entry.ts';

export interface BootRecords {
  /** Words that are written now. */
  readonly recorded: readonly string[];
  /** Words that were written once, and are not now. */
  readonly undone: readonly string[];
  /** Entries that are to be undone for none to be left, in that order. */
  readonly entries: readonly string[];
}

export function readBootRecords(tree: TextTree): BootRecords {
  const journal = readJournal(tree);
  const made = journal.filter(entry => entry.action === 'apply' && bootStep(entry) !== null);
  const inForce = made.filter(entry => !isUndone(entry, journal));
  const recorded = bootStep(inForce.at(-1))?.words.after ?? [];
  const all = made.flatMap(entry => bootStep(entry)?.words.after ?? []);
  return {
    recorded,
    undone: [...new Set(all)].filter(word => !recorded.includes(word)),
    entries: inForce.map(({ id }) => id).reverse(),
  };
}

/** One that was begun may have been made; one that failed was rolled back. */
function bootStep(entry: JournalEntry | undefined): Extract<StepRecord, { kind: 'boot' }> | null {
  const steps = entry?.steps.filter(({ state }) => state === 'done' || state === 'doing') ?? [];
  return steps.map(({ record }) => record).find(record => record.kind === 'boot') ?? null;
}
