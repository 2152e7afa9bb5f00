// The journal on disk: one private file per apply or undo, replaced whole and fsynced at every change of state.
import { journalFileJson } from '#contract/journal.ts';
import { encodeJson, parseJson } from '#contract/read-json.ts';
import type { JournalEntry } from '#domain/journal.ts';
import type { TextTree } from '#domain/text-tree.ts';
import type { Host } from '#host/host.ts';

export const JOURNAL_DIRECTORY = '/var/lib/berth/journal';
const journalPath = (id: string): string => `${JOURNAL_DIRECTORY}/${id}.json`;

/** Oldest first. @throws ParseError naming a file that is not a journal entry: nothing is undone on a guess. */
export function readJournal(tree: TextTree): readonly JournalEntry[] {
  return listIds(tree).flatMap(id => readEntry(tree, id) ?? []);
}

/** Oldest first. */
function listIds(tree: TextTree): readonly string[] {
  const ids = tree.list(JOURNAL_DIRECTORY).flatMap(name => /^(\d{4,})\.json$/.exec(name)?.[1] ?? []);
  return ids.sort((a, b) => Number(a) - Number(b));
}

/** Null when it is gone by now. */
function readEntry(tree: TextTree, id: string): JournalEntry | null {
  const path = journalPath(id);
  const text = tree.read(path);
  if (text === null) return null;
  const { schema: _schema, ...entry } = parseJson(journalFileJson, text, path);
  return entry;
}

/** The text of the last that was begun, as `writeJournalEntry` wrote it: for a look in every pass of the agent. Null without any. */
export function readNewestText(tree: TextTree): string | null {
  const newest = listIds(tree).at(-1);
  return newest === undefined ? null : tree.read(journalPath(newest));
}

/** The file may hold whole guest configs, so only root reads it. */
export function writeJournalEntry(host: Host, entry: JournalEntry): void {
  const text = encodeJson(journalFileJson, { schema: 'berth/journal/1', ...entry });
  host.replaceFile(journalPath(entry.id), text, 0o600);
}

export function nextEntryId(entries: readonly JournalEntry[]): string {
  return `${Number(entries.at(-1)?.id ?? 0) + 1}`.padStart(4, '0');
}
