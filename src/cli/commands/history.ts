// `berth history`: what was applied and undone on this node.
import { readJournal } from '#apply/journal-files.ts';
import { journalListJson } from '#contract/journal.ts';
import { encodeJson } from '#contract/read-json.ts';
import { renderHistory } from '#report/journal-text.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';

export async function history({ host, json, paint, print }: CommandContext): Promise<ExitCode> {
  const entries = readJournal(host);
  if (!json) print(renderHistory(entries, paint));
  else print(encodeJson(journalListJson, { schema: 'berth/history/1', simulated: host.simulated, entries }));
  return 0;
}
