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
  return tree
    .list(JOURNAL_DIRECTORY)
    .filter(name => /^\d{4,}\.json$/.test(name))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .flatMap(name => {
      const path = `${JOURNAL_DIRECTORY}/${name}`;
      const text = tree.read(path);
      if (text === null) return [];
      const { schema: _schema, ...entry } = parseJson(journalFileJson, text, path);
      return [entry];
    });
}

/** The file may hold whole guest configs, so only root reads it. */
export function writeJournalEntry(host: Host, entry: JournalEntry): void {
  const text = encodeJson(journalFileJson, { schema: 'berth/journal/1', ...entry });
  host.replaceFile(journalPath(entry.id), text, 0o600);
}

export function nextEntryId(entries: readonly JournalEntry[]): string {
  return `${Number(entries.at(-1)?.id ?? 0) + 1}`.padStart(4, '0');
}
