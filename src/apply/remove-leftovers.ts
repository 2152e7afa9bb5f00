// Removes the temporary files of an apply or undo that was killed while it wrote them.
import type { JournalEntry } from '#domain/journal.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { JOURNAL_DIRECTORY } from './journal-files.ts';

/**
 * `PATH.tmp.PID` of a process that is gone, beside a file that an interrupted entry was about to replace, and in the journal itself.
 * Only to be called with the lock held. Proxmox's own tools write under such names too, so a living process keeps its file.
 * @param interrupted entries that are on disk as running although nobody runs them.
 */
export function removeLeftovers(interrupted: readonly JournalEntry[], host: Host): void {
  const replaced = interrupted.flatMap(({ steps }) =>
    steps.flatMap(({ record, state }) => (record.kind === 'file' && state === 'doing' ? [record.path] : [])),
  );
  const journal = host.list(JOURNAL_DIRECTORY).map(name => `${JOURNAL_DIRECTORY}/${name.replace(/\.tmp\.\d+$/, '')}`);
  for (const path of new Set([...journal, ...replaced])) {
    for (const leftover of listLeftovers(path, host)) remove(leftover, host);
  }
}

function listLeftovers(path: string, host: Host): readonly string[] {
  const directory = path.slice(0, path.lastIndexOf('/'));
  return host
    .list(directory)
    .map(name => `${directory}/${name}`)
    .filter(candidate => {
      const pid = candidate.startsWith(`${path}.tmp.`) ? candidate.slice(`${path}.tmp.`.length) : '';
      return /^\d+$/.test(pid) && host.read(`/proc/${pid}/stat`) === null;
    });
}

/** One that stays is untidy, not wrong: whatever keeps it from going, such as the lack of a quorum, is said by what comes next. */
function remove(path: string, host: Host): void {
  try {
    host.replaceFile(path, null);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
  }
}
