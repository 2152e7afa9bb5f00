// Runs the steps of a journal entry one by one: each is on disk as "doing" before it is made, and as "done" after it was read back.
import { ParseError } from '#domain/errors.ts';
import type { JournalEntry, JournalStep, StepRecord } from '#domain/journal.ts';
import { HostError } from '#host/host-error.ts';
import { writeJournalEntry } from './journal-files.ts';
import { applyStep, type StepContext } from './steps.ts';

export interface RunOptions {
  readonly context: StepContext;
  /** Looks at the host once more right before a step. */
  readonly refresh: (record: StepRecord) => Promise<StepRecord>;
  /** Told before each step; for people. */
  readonly onStep?: (step: JournalStep, number: number) => void;
  /** True when somebody asked to stop: checked between steps, never within one. */
  readonly shouldStop?: () => boolean;
  readonly now: () => Date;
}

/** An entry of which nothing was tried yet. */
export function makeEntry({
  records,
  now,
  ...what
}: Pick<JournalEntry, 'id' | 'action' | 'undoes' | 'node' | 'cause' | 'purpose'> & {
  readonly records: readonly StepRecord[];
  readonly now: () => Date;
}): JournalEntry {
  return {
    ...what,
    startedAt: now().toISOString(),
    finishedAt: null,
    state: 'running',
    steps: records.map(record => ({ record, state: 'not-tried', error: null })),
  };
}

/** Stops at the first step that fails; what was done stays done and is in the entry. The journal itself failing stops everything. */
export async function runEntry(begun: JournalEntry, options: RunOptions): Promise<JournalEntry> {
  const { context, now } = options;
  let entry = begun;
  const save = (change: Partial<JournalEntry>) => {
    entry = { ...entry, ...change };
    writeJournalEntry(context.host, entry);
  };
  const saveStep = (index: number, change: Partial<JournalStep>) =>
    save({ steps: entry.steps.map((step, at) => (at === index ? { ...step, ...change } : step)) });

  save({});
  for (const [index, step] of begun.steps.entries()) {
    if (options.shouldStop?.()) {
      save({ state: 'stopped', finishedAt: now().toISOString() });
      return entry;
    }
    options.onStep?.(step, index + 1);
    let done: StepRecord;
    try {
      const record = await options.refresh(step.record);
      saveStep(index, { state: 'doing', record });
      done = await applyStep(record, context);
    } catch (error) {
      if (!(error instanceof HostError || error instanceof ParseError)) throw error;
      saveStep(index, { state: 'failed', error: error.message });
      save({ state: 'stopped', finishedAt: now().toISOString() });
      return entry;
    }
    saveStep(index, { state: 'done', record: done });
  }
  save({ state: 'done', finishedAt: now().toISOString() });
  return entry;
}
