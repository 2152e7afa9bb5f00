// Measures how long the vCPU threads of a VM wait for their CPUs: from trace events, or by looking at schedstat all the time.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Instrument } from '#domain/measurement.ts';
import type { TextTree } from '#domain/text-tree.ts';
import type { BlockReading } from '#latency/block-reading.ts';
import { makeHistogram, mergeHistograms } from '#latency/histogram.ts';
import { describeInterval, RunDelays } from '#latency/run-delays.ts';
import type { Schedstat } from '#topology/parse-schedstat.ts';
import { HostError } from './host-error.ts';
import { readSchedstat } from './sample-thread.ts';
import { openSchedTrace, type SchedTrace } from './sched-trace.ts';

export interface FollowedThread {
  readonly vcpu: number;
  readonly tid: number;
}

export interface FollowedVm {
  readonly pid: number;
  readonly vcpus: readonly FollowedThread[];
}

/** Measures one block after the other. */
export interface BlockMeter {
  readonly instrument: Instrument;
  /** What it does, as one would type it. */
  readonly commands: readonly string[];
  /** Why it is not the best one; null when it is. */
  readonly note: string | null;
  /** See `Measurement`. */
  readonly omissionCorrectedUs: number | null;
  /** @throws HostError when nothing can be measured; the caller looks whether the guest is still there. */
  measure(seconds: number, signal: AbortSignal): Promise<BlockReading>;
  close(): void;
}

/** How often what was recorded is fetched; an interval of the block ends each time a second is full. */
const FETCH_MS = 250;

/** Trace events where the kernel has them, because schedstat knows only sums. */
export function openRunDelayMeter(host: TextTree, vm: FollowedVm): BlockMeter {
  try {
    return traceMeter(openSchedTrace(vm.vcpus.map(({ tid }) => tid)), vm);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return schedstatMeter(host, vm, error.message);
  }
}

function traceMeter(trace: SchedTrace, { vcpus }: FollowedVm): BlockMeter {
  return {
    instrument: 'sched-trace',
    commands: [
      `trace-cmd record -C mono -e sched_waking -e sched_switch -e sched_migrate_task -P ${vcpus.map(({ tid }) => tid).join(',')}`,
    ],
    ...{ note: null, omissionCorrectedUs: null },
    measure: async (seconds, signal) => {
      const delays = new RunDelays(vcpus);
      const take = delays.take.bind(delays);
      trace.start();
      const { elapsedS, intervals } = await repeat(
        seconds,
        { signal, pauseMs: FETCH_MS },
        {
          look: () => trace.read(take),
          endInterval: atS => delays.endInterval(atS),
        },
      ).finally(() => trace.stop());
      trace.read(take);
      return { seconds: elapsedS, vcpus: delays.describe(), intervals, lost: delays.lost };
    },
    close: () => trace.close(),
  };
}

/** Within a millisecond a thread rarely waits twice, so the mean of what it waited is nearly always the one delay. */
const SCHEDSTAT_PAUSE_MS = 1;

function schedstatMeter(host: TextTree, { pid, vcpus }: FollowedVm, reason: string): BlockMeter {
  const readAll = () => vcpus.map(({ tid }) => readSchedstat(host, `/proc/${pid}/task/${tid}`));
  return {
    instrument: 'schedstat',
    commands: vcpus.map(({ tid }) => `cat /proc/${pid}/task/${tid}/schedstat`),
    note: `${reason}. Delays are taken from schedstat every millisecond instead: several within one count as their mean`,
    omissionCorrectedUs: null,
    measure: async (seconds, signal) => {
      const latencies = vcpus.map(() => makeHistogram());
      let interval = makeHistogram();
      let before = readAll();
      const look = () => {
        const now = readAll();
        now.forEach((reading, index) => {
          const delays = delaysBetween(before[index] ?? null, reading);
          if (delays === null) return;
          latencies[index]?.recordValueWithCount(delays.meanNs, delays.count);
          interval.recordValueWithCount(delays.meanNs, delays.count);
        });
        before = now;
      };
      const endInterval = (atS: number) => {
        const described = describeInterval(interval, atS);
        interval = makeHistogram();
        return described;
      };
      const { elapsedS, intervals } = await repeat(
        seconds,
        { signal, pauseMs: SCHEDSTAT_PAUSE_MS },
        { look, endInterval },
      );
      if (mergeHistograms(latencies).totalCount === 0 && readAll().includes(null)) {
        throw new HostError('gone', `Process ${pid} has ended, or this kernel keeps no schedstat`);
      }
      const readings = vcpus.map(({ vcpu }, index) => {
        return { vcpu, latency: latencies[index] ?? makeHistogram(), migrations: null, preemptions: null };
      });
      return { seconds: elapsedS, vcpus: readings.sort((a, b) => a.vcpu - b.vcpu), intervals, lost: 0 };
    },
    close: () => {},
  };
}

function delaysBetween(before: Schedstat | null, now: Schedstat | null): { meanNs: number; count: number } | null {
  if (before === null || now === null) return null;
  const count = now.slices - before.slices;
  return count <= 0 ? null : { count, meanNs: Math.round(Math.max(0, now.waitNs - before.waitNs) / count) };
}

interface Repeated<Interval> {
  readonly look: () => void;
  readonly endInterval: (atS: number) => Interval;
}

/** Looks again and again until the time is over or somebody asks to stop. */
async function repeat<Interval>(
  seconds: number,
  { signal, pauseMs }: { signal: AbortSignal; pauseMs: number },
  { look, endInterval }: Repeated<Interval>,
): Promise<{ elapsedS: number; intervals: readonly Interval[] }> {
  const began = performance.now();
  const elapsed = () => (performance.now() - began) / 1000;
  const intervals: Interval[] = [];
  while (elapsed() < seconds && !signal.aborted) {
    await sleep(Math.min(pauseMs, Math.max(0, (seconds - elapsed()) * 1000)));
    look();
    const atS = Math.floor(elapsed());
    if (atS > intervals.length) intervals.push(endInterval(atS));
  }
  return { elapsedS: elapsed(), intervals };
}
