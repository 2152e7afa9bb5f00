// `berth bench --mode guest` with QEMU's own agent in a real Linux, and all that befalls agents and cyclictest there. One boot, in this order.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { measurementJson } from '#contract/measurement.ts';
import { parseJson } from '#contract/read-json.ts';
import type { Measurement } from '#domain/measurement.ts';
import { PROGRAM, runBerth } from './berth.ts';
import { LinuxGuest } from './linux-guest.ts';
import { resetNode, writeVmConfig } from './live-node.ts';
import { enterPrivateMounts } from './private-mounts.ts';
import { maskOf } from './thread-masks.ts';

const STORED = '/var/lib/berth/measurements/0001.json';
/** To boot a kernel on a busy machine. */
const BOOT_MS = 180_000;
let guest: LinuxGuest;
let asFound: readonly string[];
let running: Bench | null = null;

beforeAll(async () => {
  enterPrivateMounts();
  guest = await LinuxGuest.start(100);
  asFound = readMasks();
}, BOOT_MS);

afterAll(() => guest.stop());

/** After a failed test, it still has something to put back. */
afterEach(async () => {
  running?.child.kill('SIGTERM');
  await running?.code;
});

beforeEach(() => {
  resetNode();
  rmSync(STORED, { force: true });
  writeVmConfig(100, { cores: 1, memoryMiB: 512 });
  expect(runBerth(['policy', 'set', '100', 'class=dedicated'])).toMatchObject({ code: 0 });
});

interface Bench {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly code: Promise<number | null>;
}

function startBench(seconds: number): Bench {
  const args = ['bench', '100', '--mode', 'guest', '--rounds', '1', '--seconds', `${seconds}`, '--yes'];
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  running = { child, said: () => said, code: once(child, 'close').then(([status]) => status as number | null) };
  return running;
}

async function untilSaid({ said, child }: Bench, words: string): Promise<void> {
  while (!said().includes(words)) {
    if (child.exitCode !== null) throw new Error(`It ended without "${words}": ${said()}`);
    await sleep(20);
  }
}

const stored = (): Measurement => parseJson(measurementJson, readFileSync(STORED, 'latin1'), STORED);

/** Of the vCPU and of QEMU's main loop; threads that read files for the guest come and go. */
const readMasks = (): readonly string[] =>
  readdirSync(`/proc/${guest.pid}/task`)
    .filter(tid => tid === `${guest.pid}` || /^CPU/.test(readFileSync(`/proc/${guest.pid}/task/${tid}/comm`, 'latin1')))
    .map(tid => `${tid} ${maskOf(guest.pid, Number(tid))}`);

const expectAsFound = () => expect(readMasks()).toEqual(asFound);

describe('berth bench --mode guest in a real Linux', () => {
  it('measures with the cyclictest that is there', async () => {
    const bench = startBench(2);
    expect(await bench.code, bench.said()).toBe(0);
    const { instrument, mode, blocks, phases } = stored();
    expect({ instrument, mode }).toEqual({ instrument: 'cyclictest', mode: 'guest' });
    expect(blocks.map(({ vcpus }) => vcpus.length)).toEqual([1, 1, 1]);
    for (const { all } of blocks) expect(all.count).toBeGreaterThan(1000);
    // This machine's CPU 1, where nothing but it may run.
    expect([...(phases[1]?.vcpus[0]?.cpus ?? [])]).toEqual([1]);
    expectAsFound();
  });

  it('keeps what was measured when cyclictest is killed', async () => {
    const bench = startBench(3);
    await untilSaid(bench, 'as planned');
    // Until it has started again.
    await guest.run('pkill', '-KILL', '-x', 'cyclictest');
    expect(await bench.code).toBe(1);
    expect(bench.said()).toContain('`cyclictest` in the guest was killed by signal 9');
    expect(stored().blocks.map(({ phase }) => phase)).toEqual(['asFound']);
    expectAsFound();
  });

  it('keeps what was measured when the agent starts anew, as after a reboot', async () => {
    const bench = startBench(3);
    await untilSaid(bench, 'as planned');
    await guest.run('pgrep', '-x', 'cyclictest');
    await guest.killAgent();
    expect(await bench.code).toBe(1);
    expect(bench.said()).toMatch(/Was the guest rebooted\?|The guest agent at .* cannot be asked/);
    expect(stored().blocks.map(({ phase }) => phase)).toEqual(['asFound']);
    expectAsFound();
  });

  it('changes nothing where cyclictest is not installed, and says how to install it', async () => {
    // Of this guest's own layer of files.
    await guest.run('rm', '--force', '/usr/bin/cyclictest');
    const bench = startBench(1);
    expect(await bench.code).toBe(1);
    expect(bench.said()).toContain('There is no cyclictest in VM 100');
    expect(bench.said()).toContain('apt install rt-tests');
    expect(runBerth(['history']).stdout).toBe('Nothing was applied on this node yet.\n');
  });

  it('changes nothing where the agent does not run, and says what to look at', async () => {
    await guest.endAgent();
    const bench = startBench(1);
    expect(await bench.code).toBe(1);
    expect(bench.said()).toContain('Is qemu-guest-agent installed and running in the guest');
    expect(runBerth(['history']).stdout).toBe('Nothing was applied on this node yet.\n');
  });
});
