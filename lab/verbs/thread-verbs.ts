// Expectations about a guest's threads, read from the kernel without any help of the program under test.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import { askGuest } from '../guest/ask-guest.ts';
import { readPid } from '../guest/start-guest.ts';
import { tryProgram } from '../inside/run-program.ts';
import { byNumber, cpuListValue, vmidValue, within } from './values.ts';
import { StepFailure, verb } from './verb.ts';

export const threadVerbs = {
  /** The CPUs on which each vCPU's thread may run: `vcpus: { 100: { 0: 4, 1: 5 } }`. All vCPUs have to be named. */
  vcpus: verb(
    z.strictObject({ vcpus: byNumber(byNumber(cpuListValue)), within }),
    async ({ vcpus, within: seconds = 0 }) => {
      for (const [vmid, wanted] of Object.entries(vcpus)) {
        await expectText(
          seconds,
          () => readVcpuMasks(Number(vmid)),
          describeVcpus(wanted),
          `the vCPUs of guest ${vmid}`,
        );
      }
    },
  ),

  /** The CPUs of every thread that is no vCPU: emulator, iothreads, workers. */
  others: verb(z.strictObject({ others: byNumber(cpuListValue), within }), async ({ others, within: seconds = 0 }) => {
    for (const [vmid, wanted] of Object.entries(others)) {
      await expectText(seconds, () => readOtherMasks(Number(vmid)), `${wanted}`, `the other threads of guest ${vmid}`);
    }
  }),

  /** Pins one vCPU's thread, as a stranger with `taskset` would. */
  'pin-vcpu': verb(
    z.strictObject({ 'pin-vcpu': vmidValue, vcpu: z.int(), cpus: cpuListValue }),
    async ({ 'pin-vcpu': vmid, vcpu, cpus }, { log }) => {
      const tid = (await queryVcpus(vmid)).get(vcpu);
      if (tid === undefined) throw new StepFailure(`Guest ${vmid} has no vCPU ${vcpu}`);
      const { status, output } = tryProgram(['taskset', '--cpu-list', '--pid', `${cpus}`, `${tid}`]);
      log(output.trim());
      if (status !== 0) throw new StepFailure(`taskset: ${output}`);
    },
  ),

  /** Moves the vCPUs' threads, and no others, into a threaded cgroup. */
  'move-vcpus': verb(
    z.strictObject({ 'move-vcpus': vmidValue, to: z.string() }),
    async ({ 'move-vcpus': vmid, to }) => {
      for (const tid of (await queryVcpus(vmid)).values()) writeFileSync(`${to}/cgroup.threads`, `${tid}`);
    },
  ),
};

export async function readVcpuMasks(vmid: number): Promise<string> {
  const masks: Record<string, string> = {};
  for (const [vcpu, tid] of await queryVcpus(vmid)) masks[vcpu] = readMask(readMain(vmid), tid);
  return describeVcpus(masks);
}

const describeVcpus = (masks: Readonly<Record<string, string | number>>): string =>
  Object.entries(masks)
    .map(([vcpu, cpus]) => `${vcpu} on ${cpus}`)
    .join(', ');

/** One CPU list when they all have the same; else each list. */
export async function readOtherMasks(vmid: number): Promise<string> {
  const main = readMain(vmid);
  const vcpus = new Set((await queryVcpus(vmid)).values());
  const others = readdirSync(`/proc/${main}/task`)
    .map(Number)
    .filter(tid => !vcpus.has(tid));
  return [...new Set(others.map(tid => readMask(main, tid)))].sort().join(' and ');
}

/** vCPU number → thread id, as QEMU says it. */
export async function queryVcpus(vmid: number): Promise<ReadonlyMap<number, number>> {
  const cpus = await askGuest(vmid, { execute: 'query-cpus-fast' });
  const list = cpus as readonly { 'cpu-index': number; 'thread-id': number }[];
  return new Map(list.map(cpu => [cpu['cpu-index'], cpu['thread-id']]));
}

/** @throws StepFailure when the guest was never started. */
export function readMain(vmid: number): number {
  const pid = readPid(vmid);
  if (pid === null) throw new StepFailure(`Guest ${vmid} has no pid file`);
  return pid;
}

export function readMask(pid: number, tid: number): string {
  const status = readFileSync(`/proc/${pid}/task/${tid}/status`, 'latin1');
  return /^Cpus_allowed_list:\t(.*)$/m.exec(status)?.[1] ?? '?';
}

/** Reads until it is so, for `seconds` at most. @throws StepFailure with what was found. */
export async function expectText(
  seconds: number,
  read: () => Promise<string>,
  wanted: string,
  what: string,
): Promise<void> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const found = await read();
    if (found === wanted) return;
    if (performance.now() > end) throw new StepFailure(`Expected ${what}: ${wanted}; found ${found}`);
    await sleep(50);
  }
}
