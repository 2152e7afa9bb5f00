// Lines of trace_pipe as Linux 6.18 wrote them, and thread names that try to look like more.
import { describe, expect, it } from 'vitest';
import { parseSchedEvent } from './parse-sched-event.ts';

const switched = (facts: string, task = '              sh-28564') =>
  parseSchedEvent(`${task}   [000] d..2. 36866.396602: sched_switch: ${facts}`);

describe('parseSchedEvent()', () => {
  it('reads a thread that goes to sleep', () => {
    const facts =
      'prev_comm=sh prev_pid=28564 prev_prio=120 prev_state=S ==> next_comm=sleep next_pid=28566 next_prio=120';
    expect(switched(facts)).toEqual({
      ...{ kind: 'switch', atNs: 36_866_396_602_000, from: 28564, fromIsReady: false, to: 28566 },
    });
  });

  it.each([
    ['R', true],
    ['R+', true],
    ['S', false],
    ['D', false],
    ['I', false],
    ['Z', false],
  ])('tells from the state %s whether it waits: %s', (state, fromIsReady) => {
    const facts = `prev_comm=a prev_pid=1 prev_prio=120 prev_state=${state} ==> next_comm=b next_pid=2 next_prio=-51`;
    expect(switched(facts)).toMatchObject({ fromIsReady });
  });

  it('reads a wakeup', () => {
    const line =
      '           sleep-28568   [000] dN.4. 36866.423272: sched_waking: comm=CPU 0/KVM pid=28564 prio=120 target_cpu=000';
    expect(parseSchedEvent(line)).toEqual({ kind: 'waking', atNs: 36_866_423_272_000, tid: 28564 });
  });

  it('reads a migration', () => {
    const line =
      ' migration/1-22      [001] d..3.     5.000001: sched_migrate_task: comm=CPU 1/KVM pid=77 prio=120 orig_cpu=1 dest_cpu=0';
    expect(parseSchedEvent(line)).toEqual({ kind: 'migrate', atNs: 5_000_001_000, tid: 77 });
  });

  it('reads how many were lost', () => {
    expect(parseSchedEvent('CPU:3 [LOST 1234 EVENTS]')).toEqual({ kind: 'lost', count: 1234 });
  });

  it.each([
    ['blanks and brackets', 'a [9] b: 1.0: x'],
    ['an arrow', ' ==> next_pid=9'],
    ['a field', ' prev_pid=9 '],
  ])('is not deceived by %s in a name', (_, name) => {
    const facts = `prev_comm=${name} prev_pid=1 prev_prio=120 prev_state=R ==> next_comm=${name} next_pid=2 next_prio=120`;
    expect(switched(facts, `${name}-1`)).toMatchObject({ from: 1, to: 2, atNs: 36_866_396_602_000 });
  });

  it.each([
    '',
    '# tracer: nop',
    'sh-1 [000] d..2. 1.000001: sched_wakeup_new: comm=a pid=1 prio=120 target_cpu=000',
    'sh-1 [000] d..2. 1.000001: sched_switch: prev_comm=a',
    'sh-1 [000] d..2. 1.000001: sched_waking: comm=a',
    'sh-1 [000] d..2. 1000001: sched_waking: comm=a pid=1 prio=120 target_cpu=000',
    'CPU:3 [LOST EVENTS]',
  ])('passes over %j', line => {
    expect(parseSchedEvent(line)).toBeNull();
  });
});
