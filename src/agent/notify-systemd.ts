// Tells systemd that the service is ready, alive, and what it does (man 3 sd_notify).
import { sendDatagram } from '#host/system-calls.ts';

export interface SystemdNotifier {
  /** `READY=1`, `WATCHDOG=1`, `STATUS=…`, `STOPPING=1`; each a line. Nothing happens without systemd. */
  readonly notify: (...states: readonly string[]) => void;
  /** How often `WATCHDOG=1` has to be sent at least; null when systemd does not watch. */
  readonly watchdogMs: number | null;
}

/** @param env of the process: NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID */
export function connectSystemd(env: Readonly<Record<string, string | undefined>>, pid: number): SystemdNotifier {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: limit, WATCHDOG_PID: watched = `${pid}` } = env;
  const watchdogMs =
    limit !== undefined && /^[1-9]\d*$/.test(limit) && watched === `${pid}` ? Number(limit) / 2000 : null;
  const notify = (...states: readonly string[]) => {
    // A manager that does not listen is no reason to stop: it has its own limits.
    if (socket !== undefined && /^[/@]/.test(socket)) sendDatagram(socket, states.join('\n'));
  };
  return { notify, watchdogMs };
}
