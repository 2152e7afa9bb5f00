// Does to the threads of a real QEMU what the lab's payload, which runs inside, is there to feel.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { parseVmThreadIds } from '#host/parse-vm-thread-ids.ts';
import { runQmp } from '#host/qmp.ts';
import { schedGetaffinity } from '#host/system-calls.ts';
import { pinThread } from '#host/thread-affinity.ts';
import { assemblePayload } from '../lab/payload/assemble-payload.ts';
import { PayloadGuest, type PayloadGuestOptions } from './payload-guest.ts';

const directory = mkdtempSync(join(tmpdir(), 'berth-payload-'));
const image = join(directory, 'payload');

const guests: PayloadGuest[] = [];

async function startGuest(options: Omit<PayloadGuestOptions, 'image'>): Promise<PayloadGuest> {
  const guest = await PayloadGuest.start({ image, ...options });
  guests.push(guest);
  return guest;
}

beforeAll(() => assemblePayload(image));
afterEach(async () => {
  for (const guest of guests.splice(0)) await guest.kill();
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Resident memory, from `/proc/PID/status`. */
function readResidentMiB({ pid }: PayloadGuest): number {
  const [, kiB] = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  return Number(kiB) / 1024;
}

/** What all threads have used since they started: fields 14 and 15 of `/proc/PID/stat`, in clock ticks. */
function readCpuTicks({ pid }: PayloadGuest): number {
  const [, afterName = ''] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ');
  const fields = afterName.split(' ');
  return Number(fields[14 - 3]) + Number(fields[15 - 3]);
}

async function readVcpuThreads({ qmpSocket }: PayloadGuest): Promise<readonly number[]> {
  const [threads] = await runQmp(qmpSocket, [{ execute: 'query-cpus-fast' }]);
  return parseVmThreadIds(threads, []).vcpus.map(({ tid }) => tid);
}

describe('assemblePayload()', () => {
  it.each([
    ['an error', 'bits 32\nmove eax, 1\n', 'broken.asm:2: error: '],
    ['a warning', 'bits 32\nnop\nmov al, 300\n', 'broken.asm:3: error: '],
  ])('passes on what nasm says about %s, with the line', async (_, text, words) => {
    const source = join(directory, 'broken.asm');
    writeFileSync(source, text);
    await expect(assemblePayload(join(directory, 'broken'), source)).rejects.toMatchObject({
      name: 'HostError',
      reason: 'failed',
      message: expect.stringContaining(words),
    });
  });
});

describe('the payload', () => {
  it('reports all vCPUs, and has touched all memory but the first MiB and what the firmware keeps', async () => {
    const guest = await startGuest({ vcpus: 4, memoryMiB: 256 });
    const { vcpus, touchedMiB } = await guest.waitForReport('of all vCPUs', report => report.vcpus.size === 4);
    expect([...vcpus.keys()]).toEqual([0, 1, 2, 3]);
    expect(touchedMiB).toBeGreaterThanOrEqual(253);
    expect(touchedMiB).toBeLessThan(256);
    expect(readResidentMiB(guest)).toBeGreaterThan(touchedMiB);
  });

  it('measures the clock so that its time is ours', async () => {
    const guest = await startGuest({ vcpus: 1, memoryMiB: 64 });
    const [{ atUs, number }, before] = [await guest.waitForReport('at all', () => true), performance.now()];
    const later = await guest.waitForReport('2 s later', report => report.number === number + 4);
    const passedUs = (performance.now() - before) * 1000;
    expect((later.atUs - atUs) / passedUs).toBeGreaterThan(0.8);
    expect((later.atUs - atUs) / passedUs).toBeLessThan(1.25);
  });

  const allowed = schedGetaffinity(process.pid);
  const [crowdedCpu = 0, freeCpu] = typeof allowed === 'number' ? [] : allowed.ids;

  it.skipIf(freeCpu === undefined)('feels that three vCPUs share a CPU while one has its own', async () => {
    const guest = await startGuest({ vcpus: 4, memoryMiB: 64, words: 'notouch', nice: -19 });
    await guest.waitForReport('of all vCPUs', ({ vcpus }) => vcpus.size === 4);
    const alone = 3;
    for (const [index, tid] of (await readVcpuThreads(guest)).entries()) {
      pinThread({ pid: guest.pid, tid }, cpuSet([index === alone ? (freeCpu ?? 0) : crowdedCpu]));
    }
    const measures = await guest.measureNext(5);
    const free = measures.get(alone);
    for (const apicId of [0, 1, 2]) {
      const crowded = measures.get(apicId);
      expect(free?.loopsPerS).toBeGreaterThan(1.5 * (crowded?.loopsPerS ?? Number.NaN));
      expect(free?.share).toBeGreaterThan(1.5 * (crowded?.share ?? Number.NaN));
      expect(crowded?.share).toBeLessThan(0.6);
      expect(crowded?.longestGapUs).toBeGreaterThan(1000);
    }
  });

  it('feels that the whole process stood still', async () => {
    const guest = await startGuest({ vcpus: 2, memoryMiB: 64, words: 'notouch' });
    await guest.waitForReport('of both vCPUs', ({ vcpus }) => vcpus.size === 2);
    const measured = guest.measureNext(3);
    await guest.waitForReport('number 3', ({ number }) => number === 3);
    process.kill(guest.pid, 'SIGSTOP');
    await sleep(300);
    process.kill(guest.pid, 'SIGCONT');
    // Not of the boot CPU, which may just have been busy with a report.
    const other = (await measured).get(1);
    expect(other?.longestGapUs).toBeGreaterThan(250_000);
  });

  it('wakes a vCPU that is plugged in later', async () => {
    const guest = await startGuest({ vcpus: 2, memoryMiB: 256, words: 'notouch tsckhz=2000000' });
    const first = await guest.waitForReport('of both vCPUs', ({ vcpus }) => vcpus.size === 2);
    expect(first.tscKHz).toBe(2_000_000);
    expect(first.touchedMiB).toBe(0);
    expect(readResidentMiB(guest)).toBeLessThan(200);
    const place = { 'socket-id': 0, 'core-id': 3, 'thread-id': 0 };
    const plug = { driver: 'qemu64-x86_64-cpu', id: 'later', ...place };
    await runQmp(guest.qmpSocket, [{ execute: 'device_add', arguments: plug }]);
    const { vcpus } = await guest.waitForReport('of the new vCPU', report => (report.vcpus.get(3)?.loops ?? 0) > 0);
    expect([...vcpus.keys()]).toEqual([0, 1, 3]);
  });

  it('costs nothing when it is idle, with memory and threads in place', async () => {
    const guest = await startGuest({ vcpus: 4, memoryMiB: 256, words: 'idle' });
    await guest.waitForText(/^idle touched 25\d MiB\n/m);
    expect(await readVcpuThreads(guest)).toHaveLength(4);
    expect(readResidentMiB(guest)).toBeGreaterThan(253);
    const before = readCpuTicks(guest);
    await sleep(1000);
    expect(readCpuTicks(guest) - before).toBeLessThan(10);
  });

  it('is woken by a timer again and again when told so, on every vCPU, and sleeps in between', async () => {
    const guest = await startGuest({ vcpus: 2, memoryMiB: 64, words: 'notouch wake=2000 tsckhz=1000000' });
    await guest.waitForText(/^woken touched 0 MiB\n/m);
    const tids = await readVcpuThreads(guest);
    const before = tids.map(tid => readSleeps(guest, tid));
    const hasSlept = (tid: number, index: number) => readSleeps(guest, tid) - (before[index] ?? 0) > 100;
    while (!tids.every(hasSlept)) await sleep(20);
    expect(guest.serial().match(/\n/g)).toHaveLength(1);
  });
});

/** How often a vCPU's thread has given up its CPU by itself. */
function readSleeps({ pid }: PayloadGuest, tid: number): number {
  const status = readFileSync(`/proc/${pid}/task/${tid}/status`, 'latin1');
  return Number(/^voluntary_ctxt_switches:\t(\d+)$/m.exec(status)?.[1]);
}
