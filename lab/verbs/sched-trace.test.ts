// Traces of context switches, as the kernel prints them.
import { describe, expect, it } from 'vitest';
import { accountThread } from './sched-trace.ts';

const at = (seconds: number, event: string) => `  CPU 0/TCG-311 [002] d..2.    ${seconds.toFixed(6)}: ${event}`;
const mark = (seconds: number, what: string) => at(seconds, `tracing_mark_write: lab: ${what}`);
const leaves = (seconds: number, state: string, tid = 311) =>
  at(
    seconds,
    `sched_switch: prev_comm=CPU 0/TCG prev_pid=${tid} prev_prio=120 prev_state=${state} ==> next_comm=x next_pid=9 next_prio=120`,
  );
const comes = (seconds: number, tid = 311) =>
  at(
    seconds,
    `sched_switch: prev_comm=x prev_pid=9 prev_prio=120 prev_state=R ==> next_comm=CPU 0/TCG next_pid=${tid} next_prio=120`,
  );
const wakes = (seconds: number, tid = 311) =>
  at(seconds, `sched_wakeup: comm=CPU 0/TCG pid=${tid} prio=120 target_cpu=002`);

const account = (...lines: readonly string[]) => {
  const { runS, waitS } = accountThread(
    ['# tracer: nop', mark(10, 'begin'), ...lines, mark(20, 'end')].join('\n'),
    311,
    Number.POSITIVE_INFINITY,
  );
  return [Math.round(runS * 1000) / 1000, Math.round(waitS * 1000) / 1000];
};

describe('accountThread()', () => {
  it.each([
    ['no events: it spins alone', [], [10, 0]],
    ['taken off and put back', [leaves(12, 'R'), comes(15)], [7, 3]],
    ['taken off by preemption', [leaves(12, 'R+'), comes(15)], [7, 3]],
    ['asleep, woken, put on', [leaves(12, 'S'), wakes(14), comes(14.5)], [7.5, 0.5]],
    ['waiting at the beginning', [comes(11)], [9, 1]],
    ['asleep at the beginning', [wakes(13), comes(13.25)], [6.75, 0.25]],
    ['waiting at the end', [leaves(19, 'R')], [9, 1]],
    ['asleep at the end', [leaves(19, 'S')], [9, 0]],
    ['events of others', [leaves(12, 'R', 312), comes(15, 31), wakes(16, 3110)], [10, 0]],
  ])('counts %s', (_, lines, times) => {
    expect(account(...lines)).toEqual(times);
  });

  it('leaves out what lies outside the marks', () => {
    const trace = [leaves(1, 'S'), mark(10, 'begin'), mark(20, 'end'), wakes(30)].join('\n');
    expect(accountThread(trace, 311, 100)).toEqual({ runS: 10, waitS: 0 });
  });

  it('counts the end alone, in the state that it was in when that began', () => {
    const trace = [mark(10, 'begin'), leaves(11, 'R'), comes(16), mark(20, 'end')].join('\n');
    expect(accountThread(trace, 311, 6)).toEqual({ runS: 4, waitS: 2 });
    expect(accountThread(trace, 311, 3)).toEqual({ runS: 3, waitS: 0 });
  });

  it.each([
    ['begin', mark(20, 'end')],
    ['end', mark(10, 'begin')],
  ])('rejects a trace without its mark "%s"', (name, trace) => {
    expect(() => accountThread(trace, 311, 100)).toThrow(`lab: ${name}`);
  });
});
