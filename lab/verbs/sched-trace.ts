// What the kernel's trace of context switches says about one thread: an account of its time that owes nothing to schedstat.

export interface TracedTimes {
  readonly runS: number;
  /** Ready, and on no CPU: from its wake-up, or from when it was taken off, until it is put on one. */
  readonly waitS: number;
}

/** Written to `trace_marker` at both ends. */
export const BEGIN = 'lab: begin';
export const END = 'lab: end';

type State = 'running' | 'waiting' | 'sleeping';

interface SchedEvent {
  readonly atS: number;
  readonly state: State;
  /** What it must have been until then; null when that is told by the event before. */
  readonly before: State | null;
}

/**
 * Lines of the text form (kernel doc: trace/ftrace), such as
 * `  CPU 0/TCG-311 [002] d..2. 33.321345: sched_switch: prev_comm=… prev_pid=311 prev_prio=120 prev_state=R ==> next_comm=… next_pid=0 next_prio=120`.
 * A thread without events ran all the time: it spins, and nobody else wants its CPU.
 * @param lastS how much before the end mark is counted; all from the begin mark on when there is less.
 * @throws Error without both marks.
 */
export function accountThread(trace: string, tid: number, lastS: number): TracedTimes {
  const endS = findMark(trace, END);
  const beginS = findMark(trace, BEGIN);
  const countS = Math.max(beginS, endS - lastS);
  const events = trace
    .split('\n')
    .flatMap(line => parseEvent(line, tid) ?? [])
    .filter(({ atS }) => beginS <= atS && atS <= endS);
  const spent = { running: 0, waiting: 0, sleeping: 0 };
  let sinceS = beginS;
  let state: State = events[0]?.before ?? 'running';
  for (const event of [...events, { atS: endS, state: 'sleeping' as const }]) {
    spent[state] += Math.max(0, event.atS - Math.max(sinceS, countS));
    sinceS = event.atS;
    state = event.state;
  }
  return { runS: spent.running, waitS: spent.waiting };
}

function findMark(trace: string, mark: string): number {
  const line = trace.split('\n').find(candidate => candidate.includes(mark));
  const atS = line === undefined ? undefined : readTime(line);
  if (atS === undefined) throw new Error(`The trace has no mark "${mark}": it holds ${trace.length} characters`);
  return atS;
}

function readTime(line: string): number | undefined {
  const atS = / (\d+\.\d+): /.exec(line)?.[1];
  return atS === undefined ? undefined : Number(atS);
}

function parseEvent(line: string, tid: number): SchedEvent | null {
  const atS = readTime(line);
  if (atS === undefined) return null;
  if (new RegExp(`: sched_wakeup: .* pid=${tid} `).test(line)) return { atS, state: 'waiting', before: 'sleeping' };
  if (!line.includes(': sched_switch: ')) return null;
  if (line.includes(` next_pid=${tid} `)) return { atS, state: 'running', before: 'waiting' };
  const left = new RegExp(` prev_pid=${tid} .* prev_state=(\\S+) `).exec(line)?.[1];
  // R is what it was taken off in; everything else is what it waits for.
  return left === undefined ? null : { atS, state: left.startsWith('R') ? 'waiting' : 'sleeping', before: 'running' };
}
