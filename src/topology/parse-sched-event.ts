// A line of tracefs' trace_pipe → what the scheduler did.
import type { SchedEvent } from '#domain/sched-event.ts';

/** A thread's name may hold anything in its 15 characters, also blanks and brackets: too few for a whole head of a line. */
const HEAD = / \[\d+\] \S+ +(\d+)\.(\d{6}): (sched_\w+): (.*)$/;
const SWITCH = / prev_pid=(\d+) prev_prio=-?\d+ prev_state=(\S+) ==> next_comm=.* next_pid=(\d+) next_prio=-?\d+$/;
const THREAD = / pid=(\d+) prio=-?\d+ /;
const LOST = /^CPU:\d+ \[LOST (\d+) EVENTS\]$/;

/**
 * Null for every other line. The clock must be one whose times are printed as seconds, such as `mono`. Example:
 * `sh-28564 [000] d..2. 36866.396602: sched_switch: prev_comm=sh prev_pid=28564 prev_prio=120 prev_state=S ==> next_comm=sleep next_pid=28566 next_prio=120`
 */
export function parseSchedEvent(line: string): SchedEvent | null {
  const [, seconds, micros, name, facts = ''] = HEAD.exec(line) ?? [];
  if (name === undefined) {
    const count = LOST.exec(line)?.[1];
    return count === undefined ? null : { kind: 'lost', count: Number(count) };
  }
  const atNs = Number(seconds) * 1e9 + Number(micros) * 1e3;
  if (name === 'sched_switch') {
    const [, from, state, to] = SWITCH.exec(facts) ?? [];
    if (state === undefined) return null;
    // R, and R+ when the kernel itself was interrupted for it.
    return { kind: 'switch', atNs, from: Number(from), fromIsReady: state.startsWith('R'), to: Number(to) };
  }
  const tid = THREAD.exec(facts)?.[1];
  if (tid === undefined) return null;
  if (name === 'sched_waking') return { kind: 'waking', atNs, tid: Number(tid) };
  return name === 'sched_migrate_task' ? { kind: 'migrate', atNs, tid: Number(tid) } : null;
}
