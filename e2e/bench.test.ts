// `berth bench` on this machine's kernel: a guest that spins beside a busy loop, and everything that can go wrong meanwhile.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { measurementJson } from '#contract/measurement.ts';
import { parseJson } from '#contract/read-json.ts';
import type { Measurement } from '#domain/measurement.ts';
import { assemblePayload } from '../lab/payload/assemble-payload.ts';
import { PROGRAM, runBerth } from './berth.ts';
import { NODE, resetNode, writeVmConfig } from './live-node.ts';
import { enterPrivateMounts, mountTmpfs, mountTracefs, unmount } from './private-mounts.ts';
import { type QemuGuest, startQemuGuest } from './qemu-guest.ts';
import { threadMasks } from './thread-masks.ts';

const MEASUREMENTS = '/var/lib/berth/measurements';
const directory = mkdtempSync(join(tmpdir(), 'berth-bench-'));
const kernel = join(directory, 'payload');
const children: ChildProcess[] = [];
let guest: QemuGuest;
let asFound: readonly string[];

beforeAll(async () => {
  enterPrivateMounts();
  mountTracefs();
  await assemblePayload(kernel);
});

beforeEach(() => {
  resetNode();
  rmSync(MEASUREMENTS, { recursive: true, force: true });
  writeVmConfig(100, { cores: 1 });
  guest = startQemuGuest({ vmid: 100, cores: 1, iothreads: [], affinity: '0', paused: false, kernel });
  asFound = threadMasks(guest);
  expect(runBerth(['policy', 'set', '100', 'class=dedicated'])).toMatchObject({ code: 0 });
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
  await guest.stop();
});

afterAll(() => rmSync(directory, { recursive: true }));

function startLoop(): void {
  children.push(spawn('taskset', ['-c', '0', 'sh', '-c', 'while :; do :; done'], { stdio: 'ignore' }));
}

interface Running {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly code: Promise<number | null>;
  /** Until it has said so. */
  readonly until: (words: string) => Promise<void>;
}

function startBench(...args: readonly string[]): Running {
  const child = spawn(process.execPath, [PROGRAM, 'bench', '100', '--yes', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  children.push(child);
  let said = '';
  const code = once(child, 'exit').then(([status]) => status as number | null);
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const until = async (words: string) => {
    while (!said.includes(words)) {
      const ended = await Promise.race([once(child.stderr as NonNullable<typeof child.stderr>, 'data'), code]);
      if (!Array.isArray(ended) && !said.includes(words)) throw new Error(`It ended without "${words}": ${said}`);
    }
  };
  return { child, said: () => said, code, until };
}

/** Corpses of killed ones wait for init. */
const listStressors = (): readonly string[] =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(pid => /^Name:\tstress-ng.*\n(.*\n)*State:\t[^ZX]/.test(readStatus(pid)));

function readStatus(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'latin1');
  } catch {
    return '';
  }
}

const readStored = (path = `${MEASUREMENTS}/0001.json`): Measurement =>
  parseJson(measurementJson, readFileSync(path, 'latin1'), path);

function expectAsFound(): void {
  expect(threadMasks(guest)).toEqual(asFound);
  expect(existsSync(`/etc/pve/berth/nodes/${NODE}/placement.json`)).toBe(false);
  expect(existsSync('/sys/kernel/tracing/instances/berth')).toBe(false);
}

describe('berth bench', () => {
  it('measures in turns, keeps what it measured, and leaves the host as it was', () => {
    startLoop();
    const { code, stdout } = runBerth(['--json', 'bench', '100', '--rounds', '3', '--seconds', '0.5', '--yes']);
    expect([0, 2]).toContain(code);
    const measurement = parseJson(measurementJson, stdout, 'the output');
    expect(measurement).toEqual(readStored());
    expect(measurement).toMatchObject({ id: '0001', vmid: 100, mode: 'host', instrument: 'sched-trace', plan: '0001' });
    const { blocks, phases, comparison, endedEarly } = measurement;
    expect(endedEarly).toBeNull();
    expect(blocks.map(({ phase }) => phase)).toEqual(
      Array.from({ length: 3 }, () => ['asFound', 'asPlanned', 'asFoundAgain']).flat(),
    );
    expect(phases.map(({ vcpus }) => vcpus.map(({ cpus }) => [...cpus]))).toEqual([[[0]], [[1]], [[0]]]);
    // Beside the loop it is taken off its CPU again and again.
    expect(phases[0]?.vcpus[0]?.preemptions).toBeGreaterThan(20);
    expect(comparison?.rounds).toBe(3);
    expectAsFound();
    const history = JSON.parse(runBerth(['--json', 'history']).stdout);
    expect(
      history.entries.map(({ action, purpose }: { action: string; purpose: string }) => `${action} ${purpose}`),
    ).toEqual(Array.from({ length: 3 }, () => ['apply bench', 'undo bench']).flat());
  });

  it('puts everything back when it is interrupted, and keeps the blocks that were whole', async () => {
    const { child, code, until, said } = startBench('--rounds', '50', '--seconds', '0.2');
    await until('round 2 of 50: as planned');
    child.kill('SIGINT');
    expect(await code).toBe(1);
    expect(said()).toContain('Ended early: it was stopped');
    expectAsFound();
    expect(readStored()).toMatchObject({ endedEarly: 'it was stopped', comparison: { verdict: 'too-little' } });
    expect(readStored().blocks.length).toBeGreaterThanOrEqual(4);
  });

  it('is finished by the agent when it was killed, and what was measured is kept', async () => {
    const { child, code, until } = startBench('--rounds', '50', '--seconds', '0.2');
    await until('round 2 of 50: as planned');
    expect(threadMasks(guest)).not.toEqual(asFound);
    child.kill('SIGKILL');
    await code;
    expect(threadMasks(guest)).not.toEqual(asFound);
    const pass = runBerth(['agent', '--once']);
    expect(pass).toMatchObject({ code: 0 });
    expect(pass.stderr).toContain('A `berth bench` was killed while its plan was applied');
    expect(threadMasks(guest)).toEqual(asFound);
    expect(readStored()).toMatchObject({ endedEarly: 'it was killed after round 1 of 50' });
    expect(readStored().blocks).toHaveLength(3);
    // The next measurement removes what is left of the trace.
    expect(runBerth(['bench', '100', '--rounds', '1', '--seconds', '0.2', '--yes'])).toMatchObject({ code: 0 });
    expectAsFound();
  });

  it('ends when the guest does', async () => {
    const { code, until, said } = startBench('--rounds', '50', '--seconds', '0.2');
    await until('round 1 of 50: as planned');
    await guest.kill();
    expect(await code).toBe(1);
    expect(said()).toContain('Ended early: VM 100 ended while it was measured');
    expect(existsSync(`/etc/pve/berth/nodes/${NODE}/placement.json`)).toBe(false);
    expect(readStored().blocks.map(({ phase }) => phase)).toEqual(['asFound']);
  });

  it('lets nobody else measure, apply or undo meanwhile', async () => {
    // In the first block all the while: in between it holds the lock itself.
    const { child, code, until } = startBench('--rounds', '50', '--seconds', '60');
    await until('round 1 of 50: as found');
    for (const args of [
      ['bench', '100', '--yes'],
      ['apply', '--yes'],
    ]) {
      const { code: refused, stderr } = runBerth(args);
      expect(refused).toBe(1);
      expect(stderr).toContain(`\`berth bench 100\` (process ${child.pid}) is measuring. Nothing was changed`);
    }
    child.kill('SIGTERM');
    expect(await code).toBe(1);
    expectAsFound();
  });

  it('keeps what it measured in memory when the disk is full, and makes load when asked', () => {
    mkdirSync(MEASUREMENTS, { recursive: true });
    mountTmpfs(MEASUREMENTS, '4k');
    try {
      writeFileSync(`${MEASUREMENTS}/full`, Buffer.alloc(4096));
    } catch {
      // It is full already.
    }
    const { code, stderr } = runBerth(['bench', '100', '--rounds', '1', '--seconds', '0.2', '--noise', '--yes']);
    unmount(MEASUREMENTS);
    expect(code).toBe(0);
    expect(stderr).toContain('--noise: until the end, every CPU of this host has something to compute');
    expect(stderr).toContain('Until the next boot it is kept in memory instead');
    expect(stderr).toContain('Kept as 0001 in /run/berth/measurements/0001.json');
    const measurement = readStored('/run/berth/measurements/0001.json');
    expect(measurement.blocks).toHaveLength(3);
    // Installed for this test, like all that it needs.
    expect(measurement.load).toMatchObject({ kind: 'stress-ng' });
    expect(listStressors()).toEqual([]);
    expectAsFound();
  });

  it.each([
    ['there is no terminal to ask', ['bench', '100'], 'Without a terminal, --yes'],
    ['there is no such guest', ['bench', '999', '--yes'], 'There is no guest 999'],
    [
      'a restart is wanted',
      ['bench', '100', '--restart', '--yes'],
      '`berth apply`, then stop and start the guest; run and keep it again',
    ],
  ])('changes nothing when %s', (_, args, words) => {
    const { code, stderr } = runBerth(args);
    expect(code).toBe(1);
    expect(stderr).toContain(words);
    expectAsFound();
  });

  it('says what to do when the guest is as planned already', () => {
    expect(runBerth(['apply', '--yes']).code).not.toBe(1);
    const { code, stderr } = runBerth(['bench', '100', '--yes']);
    expect(code).toBe(1);
    expect(stderr).toContain('VM 100 is as planned already: there is no other placement to compare with');
  });
});
