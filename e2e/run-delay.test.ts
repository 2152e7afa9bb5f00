// Run-queue delays of real threads on this machine's kernel: the trace events beside the kernel's own sums.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FollowedVm, openRunDelayMeter } from '#host/measure-run-delay.ts';
import { openHost } from '#host/open-host.ts';
import { openSchedTrace } from '#host/sched-trace.ts';
import { enterPrivateMounts, mountTracefs } from './private-mounts.ts';

const TRACEFS = '/sys/kernel/tracing';
const children: ChildProcess[] = [];

beforeAll(() => {
  enterPrivateMounts();
  mountTracefs();
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await sleep(50);
});

/** Two loops on one CPU: each waits for the other. The first stands for a VM with one vCPU. */
function startRivals(): FollowedVm {
  const [first] = ['a', 'b'].map(() => {
    const child = spawn('taskset', ['--cpu-list', '0', 'sh', '-c', 'while :; do :; done'], { stdio: 'ignore' });
    children.push(child);
    return child;
  });
  const pid = first?.pid ?? 0;
  return { pid, vcpus: [{ vcpu: 0, tid: pid }] };
}

/** What the kernel has counted: how long it was ready without a CPU, in ns. */
const waited = ({ pid }: FollowedVm): number => Number(readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[1]);

const never = new AbortController().signal;

describe('openRunDelayMeter()', () => {
  it('sums up to what the kernel itself counted, event by event', async () => {
    const vm = startRivals();
    await sleep(200);
    const meter = openRunDelayMeter(openHost('/'), vm);
    try {
      expect(meter).toMatchObject({ instrument: 'sched-trace', note: null });
      const before = waited(vm);
      const { vcpus, lost, seconds, intervals } = await meter.measure(2, never);
      const kernelNs = waited(vm) - before;
      const [reading] = vcpus;
      const sumNs = (reading?.latency.mean ?? 0) * (reading?.latency.totalCount ?? 0);
      expect(lost).toBe(0);
      expect(seconds).toBeGreaterThan(1.9);
      expect(intervals.length).toBeGreaterThan(0);
      expect(reading?.preemptions).toBeGreaterThan(50);
      expect(sumNs / kernelNs).toBeGreaterThan(0.9);
      expect(sumNs / kernelNs).toBeLessThan(1.1);
    } finally {
      meter.close();
    }
    expect(existsSync(`${TRACEFS}/instances/berth`)).toBe(false);
  });

  it('removes what a killed process left', () => {
    mkdirSync(`${TRACEFS}/instances/berth`);
    openSchedTrace([process.pid]).close();
    expect(existsSync(`${TRACEFS}/instances/berth`)).toBe(false);
  });

  it('looks at schedstat where the kernel refuses, says so, and sums up to the same', async () => {
    const { pid } = startRivals();
    // A filter of this length is refused.
    const strangers = Array.from({ length: 400 }, (_, index) => ({ vcpu: index + 1, tid: 4_000_000 - index }));
    const vm = { pid, vcpus: [{ vcpu: 0, tid: pid }, ...strangers] };
    const meter = openRunDelayMeter(openHost('/'), vm);
    expect(meter.instrument).toBe('schedstat');
    expect(meter.note).toContain('Cannot trace the scheduler');
    expect(existsSync(`${TRACEFS}/instances/berth`)).toBe(false);
    await sleep(200);
    const before = waited(vm);
    const { vcpus } = await meter.measure(1, never);
    const kernelNs = waited(vm) - before;
    const { mean = 0, totalCount = 0 } = vcpus[0]?.latency ?? {};
    expect((mean * totalCount) / kernelNs).toBeGreaterThan(0.8);
    expect((mean * totalCount) / kernelNs).toBeLessThan(1.1);
  });

  it('ends when it is asked to', async () => {
    const meter = openRunDelayMeter(openHost('/'), startRivals());
    const { seconds } = await meter.measure(60, AbortSignal.timeout(300));
    meter.close();
    expect(seconds).toBeLessThan(5);
  });
});
