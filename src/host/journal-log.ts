// Lines of a service in the journal with fields, so that `journalctl BERTH_VMID=100` finds them (systemd.io/JOURNAL_NATIVE_PROTOCOL).
import { sendDatagram } from './system-calls.ts';

export interface LogLine {
  readonly message: string;
  /** As in syslog: 4 warning, 5 notice, 6 informational. */
  readonly priority: 4 | 5 | 6;
  /** Names are capital letters, digits and underscores. */
  readonly fields: Readonly<Record<string, string>>;
}

const SOCKET = '/run/systemd/journal/socket';

export interface Stream {
  readonly dev: number;
  readonly ino: number;
}

/**
 * Null unless `stream`, the process's standard error, leads to the journal: whoever sends it elsewhere wants it there.
 * What is returned tells whether the line was taken.
 */
export function openJournal(
  env: Readonly<Record<string, string | undefined>>,
  stream: Stream,
  socket: string = SOCKET,
): ((line: LogLine) => boolean) | null {
  if (env.JOURNAL_STREAM !== `${stream.dev}:${stream.ino}`) return null;
  return line => sendDatagram(socket, encodeLogLine(line)) === 0;
}

/** No value of ours has line breaks; those of a foreign message become spaces. */
function encodeLogLine({ message, priority, fields }: LogLine): string {
  const all = { MESSAGE: message, PRIORITY: `${priority}`, SYSLOG_IDENTIFIER: 'berth', ...fields };
  return Object.entries(all)
    .map(([name, value]) => `${name}=${value.replaceAll(/\s*\n\s*/g, ' ')}\n`)
    .join('');
}
