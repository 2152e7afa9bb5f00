// Puts back what an apply changed: its steps the other way round, last first, as a journal entry of its own.
import type { JournalEntry, StepRecord } from '#domain/journal.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { nextEntryId, readJournal } from './journal-files.ts';
import { madeSince } from './made-since.ts';
import { restoreControllers, restoreMasks } from './partition-step.ts';
import { refuseLockedGuests, refuseWithoutQuorum } from './refusals.ts';
import { makeEntry, type RunOptions, runEntry } from './run-entry.ts';
import { describeTarget, inverseOf, type StepContext, stepProgress } from './steps.ts';
import { refreshInverse } from './threads-step.ts';
import { withBerthLock } from './with-lock.ts';

export interface UndoOptions extends Pick<RunOptions, 'onStep' | 'shouldStop' | 'now'> {
  readonly context: StepContext;
}

/**
 * 1. Find the apply: the newest that is not undone, or the one named.
 * 2. Refuse without quorum, when a newer apply that is still in force touched the same thing, and when Proxmox has locked a guest.
 * 3. Look at every step first: what was never done needs nothing; what somebody else has changed since is refused; what it was about may be gone.
 * 4. Do the rest backwards, and put back the masks of kernel threads and interrupts, and the cpuset controller.
 * @throws HostError when it was refused; nothing has then been changed.
 */
export function undoEntry(id: string | null, options: UndoOptions): Promise<JournalEntry> {
  const { context, now } = options;
  return withBerthLock(context.host, now, async () => {
    refuseWithoutQuorum(context.host);
    const entries = readJournal(context.host);
    const target = findTarget(entries, id);
    refuseOverlap(target, entries);
    const records = [...madeSince(target, context.host), ...(await stepsToUndo(target, context))];
    refuseLockedGuests(records, context.host);
    const about = { id: nextEntryId(entries), action: 'undo', undoes: target.id, node: target.node } as const;
    const purpose = target.purpose === undefined ? {} : { purpose: target.purpose };
    const entry = makeEntry({ ...about, ...purpose, records, now });
    const ran = await runEntry(entry, { ...options, refresh: async record => asItIsNow(record, context.host) });
    restoreMasks(target, context.host);
    if (ran.state === 'done') restoreControllers(target, context.host);
    return ran;
  });
}

/** What `undo` without an id would take back; null when there is nothing. */
export function nextToUndo(entries: readonly JournalEntry[]): JournalEntry | null {
  return entries.findLast(entry => entry.action === 'apply' && !isUndone(entry, entries)) ?? null;
}

export function isUndone(entry: JournalEntry, entries: readonly JournalEntry[]): boolean {
  return entries.some(({ undoes, state }) => undoes === entry.id && state === 'done');
}

function findTarget(entries: readonly JournalEntry[], id: string | null): JournalEntry {
  if (id === null) {
    const target = nextToUndo(entries);
    if (target === null) throw new HostError('missing', 'There is nothing to undo');
    return target;
  }
  const target = entries.find(entry => entry.id === id.padStart(4, '0'));
  if (!target) throw new HostError('missing', `There is no journal entry ${id}; see \`berth history\``);
  if (target.action === 'undo')
    throw new HostError('refused', `Entry ${target.id} is itself an undo; plan and apply instead`);
  if (isUndone(target, entries)) throw new HostError('refused', `Entry ${target.id} is undone already`);
  return target;
}

function refuseOverlap(target: JournalEntry, entries: readonly JournalEntry[]): void {
  const touched = new Set(target.steps.map(({ record }) => describeTarget(record)));
  const newer = entries.slice(entries.indexOf(target) + 1);
  for (const entry of newer) {
    if (entry.action === 'undo' || isUndone(entry, entries)) continue;
    const shared = entry.steps
      .filter(({ state }) => state !== 'not-tried')
      .map(({ record }) => describeTarget(record))
      .filter(what => touched.has(what));
    if (shared.length === 0) continue;
    const what = [...new Set(shared)].slice(0, 3).join(', ');
    throw new HostError(
      'refused',
      `Entry ${entry.id} came later and changed the same: ${what}. Undo ${entry.id} first`,
    );
  }
}

async function stepsToUndo(target: JournalEntry, context: StepContext): Promise<readonly StepRecord[]> {
  const records: StepRecord[] = [];
  for (const { record, state } of [...target.steps].reverse()) {
    if (state === 'not-tried') continue;
    const progress = await stepProgress(record, context);
    if (typeof progress === 'object') {
      throw new HostError('refused', `Cannot undo ${target.id}: ${progress.foreign}. Nothing was changed`);
    }
    // A process that has ended took its masks with it; a step that was never done needs nothing.
    if (progress === 'after' || progress === 'mixed') records.push(inverseOf(record));
  }
  return records;
}

/** Threads start and end between an apply and its undo. */
const asItIsNow = (record: StepRecord, host: Host): StepRecord =>
  record.kind === 'threads' ? refreshInverse(record, host) : record;
