// One block: the delays of a thread by Berth's own trace, who else ran on its CPU, all under load.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SchedTrace } from '#host/sched-trace.ts';
import { encodeHistogram } from '#latency/histogram.ts';
import { RunDelays } from '#latency/run-delays.ts';
import type { LabBlock } from '../lab-blocks.ts';
import type { ForeignTasks } from './foreign-tasks.ts';
import type { HostLoad } from './host-load.ts';

/** Until caches and the scheduler's averages are those of what is measured. */
const SETTLE_MS = 300;

export interface MeasuredThread {
  readonly pid: number;
  readonly tid: number;
  readonly run: () => unknown;
  readonly hold: () => unknown;
  /** Of the CPU that it has for itself; null when it has none. */
  readonly foreign: ForeignTasks | null;
}

export interface Instruments {
  readonly trace: SchedTrace;
  readonly load: HostLoad;
  readonly seconds: number;
}

export type ThreadReading = Omit<LabBlock, 'part' | 'case' | 'round'>;

/** The trace is read when everything rests: reading it would be load as well. */
export async function measureThread(
  { pid, tid, run, hold, foreign }: MeasuredThread,
  { trace, load, seconds }: Instruments,
): Promise<ThreadReading> {
  await load.run();
  await run();
  await sleep(SETTLE_MS);
  foreign?.begin();
  trace.start();
  const began = performance.now();
  await sleep(seconds * 1000);
  trace.stop();
  const took = (performance.now() - began) / 1000;
  foreign?.end();
  await hold();
  await load.hold();
  const delays = new RunDelays([{ vcpu: 0, tid }]);
  trace.read(event => delays.take(event));
  const [reading] = delays.describe();
  if (reading === undefined) throw new Error(`Thread ${tid} was not followed`);
  const status = readFileSync(`/proc/${tid}/status`, 'latin1');
  return {
    seconds: took,
    hdr: encodeHistogram(reading.latency).hdr,
    lost: delays.lost,
    preemptions: reading.preemptions ?? 0,
    migrations: reading.migrations ?? 0,
    cpus: /^Cpus_allowed_list:\t(.*)$/m.exec(status)?.[1] ?? '',
    foreign: foreign?.list(pid) ?? null,
  };
}
