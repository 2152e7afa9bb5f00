// Lines for the system log, in the old way that journald and syslog daemons both take (RFC 3164).
import { sendDatagram } from './system-calls.ts';

/** Facility daemon, severity informational. */
const PRIORITY = 30;

/** Where nobody listens the lines are lost: they are for people, and were said elsewhere too. */
export function logToSystem(name: string, lines: readonly string[]): void {
  for (const line of lines) sendDatagram('/dev/log', `<${PRIORITY}>${name}[${process.pid}]: ${line}`);
}
