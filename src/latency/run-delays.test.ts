// Short stories of a thread on a run queue, and what is counted of them.
import { describe, expect, it } from 'vitest';
import type { SchedEvent } from '#domain/sched-event.ts';
import { RunDelays } from './run-delays.ts';

const US = 1000;
const waking = (us: number, tid = 10): SchedEvent => ({ kind: 'waking', atNs: us * US, tid });
const on = (us: number, tid = 10): SchedEvent => ({
  kind: 'switch',
  atNs: us * US,
  from: 0,
  fromIsReady: true,
  to: tid,
});
const off = (us: number, fromIsReady: boolean, tid = 10): SchedEvent => {
  return { kind: 'switch', atNs: us * US, from: tid, fromIsReady, to: 0 };
};
const migrate = (us: number, tid = 10): SchedEvent => ({ kind: 'migrate', atNs: us * US, tid });

function tell(...events: readonly SchedEvent[]) {
  const delays = new RunDelays([
    { vcpu: 1, tid: 11 },
    { vcpu: 0, tid: 10 },
  ]);
  for (const event of events) delays.take(event);
  const [first, second] = delays.describe();
  const latencies = (reading: typeof first) => {
    const { totalCount = 0, maxValue = 0 } = reading?.latency ?? {};
    return {
      events: totalCount,
      maxUs: maxValue / US,
      migrations: reading?.migrations,
      preemptions: reading?.preemptions,
    };
  };
  return { vcpu0: latencies(first), vcpu1: latencies(second), delays };
}

describe('RunDelays', () => {
  it.each<
    [string, readonly SchedEvent[], { events: number; maxUs: number; migrations?: number; preemptions?: number }]
  >([
    ['woken, and running 5 µs later', [waking(100), on(105)], { events: 1, maxUs: 5 }],
    ['woken twice before it runs: from the first', [waking(100), waking(103), on(105)], { events: 1, maxUs: 5 }],
    ['taken off, and back after 40 µs', [on(100), off(200, true), on(240)], { events: 1, maxUs: 40, preemptions: 1 }],
    ['asleep in between: that is no delay', [on(100), off(200, false), on(900)], { events: 0, maxUs: 0 }],
    ['running when the story begins', [off(200, false), waking(300), on(301)], { events: 1, maxUs: 1 }],
    ['moved while it waits', [waking(100), migrate(101), on(110)], { events: 1, maxUs: 10, migrations: 1 }],
    ['still waiting at the end', [waking(100)], { events: 0, maxUs: 0 }],
    ['events of two CPUs out of order', [waking(101), on(100)], { events: 1, maxUs: 0 }],
    [
      'events lost while it waited: how long it did is not known',
      [waking(100), { kind: 'lost', count: 3 }, on(9000)],
      { events: 0, maxUs: 0 },
    ],
  ])('%s', (_, events, expected) => {
    expect(tell(...events).vcpu0).toEqual({ migrations: 0, preemptions: 0, ...expected });
  });

  it('keeps the vCPUs apart, in order, and passes over everybody else', () => {
    const { vcpu0, vcpu1 } = tell(waking(100), waking(100, 11), waking(100, 12), on(105), on(120, 11), on(900, 12));
    expect([vcpu0.maxUs, vcpu1.maxUs]).toEqual([5, 20]);
  });

  it('has both when one takes the place of the other', () => {
    const change: SchedEvent = { kind: 'switch', atNs: 300 * US, from: 10, fromIsReady: true, to: 11 };
    const { vcpu0, vcpu1 } = tell(waking(100, 11), on(100), change, on(310));
    expect([vcpu0.maxUs, vcpu1.maxUs]).toEqual([10, 200]);
  });

  it('tells what ended in each interval, and what was lost', () => {
    const { delays } = tell(waking(1), on(3), { kind: 'lost', count: 2 }, { kind: 'lost', count: 1 });
    expect(delays.endInterval(1)).toMatchObject({ atS: 1, count: 1, maxUs: 2 });
    expect(delays.endInterval(2)).toEqual({ atS: 2, count: 0, p50Us: 0, p99Us: 0, maxUs: 0 });
    expect(delays.lost).toBe(3);
  });
});
