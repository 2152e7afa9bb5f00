// `berth diagnose` on this machine's kernel: a QEMU that spins, alone on its CPU and beside a busy loop. The machine may be noisy: margins are wide.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type DiagnoseOutput, diagnoseJson } from '#contract/diagnose.ts';
import { parseJson } from '#contract/read-json.ts';
import type { GuestDiagnosis } from '#domain/diagnosis.ts';
import { parseCpuList } from '#domain/id-list.ts';
import { makeTemporaryTree } from '#fixtures/temporary-tree.ts';
import { assemblePayload } from '../lab/payload/assemble-payload.ts';
import { runBerth } from './berth.ts';
import { NODE, resetNode, writeVmConfig } from './live-node.ts';
import { enterPrivateMounts } from './private-mounts.ts';
import { type QemuGuest, type QemuGuestOptions, startQemuGuest } from './qemu-guest.ts';

const directory = mkdtempSync(join(tmpdir(), 'berth-diagnose-'));
const kernel = join(directory, 'payload');
const guests: QemuGuest[] = [];
const loops: ChildProcess[] = [];
let cpu = 0;

beforeAll(async () => {
  enterPrivateMounts();
  await assemblePayload(kernel);
  cpu = parseCpuList(readFileSync('/sys/devices/system/cpu/online', 'latin1')).ids.at(-1) ?? 0;
});

beforeEach(resetNode);

afterEach(async () => {
  for (const loop of loops.splice(0)) await end(loop);
  for (const guest of guests.splice(0)) await guest.stop();
});

afterAll(() => rmSync(directory, { recursive: true }));

function startGuest(options: Partial<QemuGuestOptions> = {}): QemuGuest {
  writeVmConfig(100, { cores: 1 });
  const guest = startQemuGuest({ vmid: 100, cores: 1, iothreads: [], ...options });
  guests.push(guest);
  return guest;
}

/** It spins on the last CPU, and comes before whatever else runs on this machine. */
function startSpinning(): QemuGuest {
  const guest = startGuest({ affinity: `${cpu}`, paused: false, kernel });
  putFirst(guest.pid);
  return guest;
}

async function startLoop(): Promise<ChildProcess> {
  const loop = spawn('taskset', ['-c', `${cpu}`, 'sh', '-c', 'while :; do :; done'], {
    stdio: 'ignore',
    detached: true,
  });
  await once(loop, 'spawn');
  loops.push(loop);
  putFirst(loop.pid ?? 0);
  return loop;
}

/** Both of the thread and of its session, which the scheduler weighs first where it groups tasks by them (sched(7), autogroup). */
function putFirst(pid: number): void {
  const autogroup = `/proc/${pid}/autogroup`;
  if (existsSync(autogroup)) writeFileSync(autogroup, '-20');
  for (const tid of readdirSync(`/proc/${pid}/task`)) setPriority(Number(tid), -20);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

const parseOutput = (text: string): DiagnoseOutput => parseJson(diagnoseJson, text, 'the output');

function diagnose(...args: readonly string[]) {
  const { code, stdout, stderr } = runBerth(['--json', 'diagnose', ...args]);
  expect(stderr).toBe('');
  return { code, report: parseOutput(stdout) };
}

function measured(report: DiagnoseOutput): Extract<GuestDiagnosis, { state: 'measured' }> {
  const [guest] = report.guests;
  if (guest?.state !== 'measured') throw new Error(`not measured: ${JSON.stringify(report.guests)}`);
  return guest;
}

describe('a guest that spins', () => {
  it('beside a busy loop is starved, and the loop is named', async () => {
    startSpinning();
    const loop = await startLoop();
    const { code, report } = diagnose('100', '--seconds', '3');
    const { measure, verdicts } = measured(report);
    expect(code).toBe(2);
    expect(measure.waitShare).toBeGreaterThan(0.25);
    expect(measure.waitShare).toBeLessThan(0.8);
    expect(verdicts.map(({ kind }) => kind)).toContain('starved-by-host-tasks');
    expect(measure.competition[0]).toMatchObject({ who: { kind: 'task', pid: loop.pid, name: 'sh' } });
    expect(measure.competition[0]?.share).toBeGreaterThan(0.2);
  });

  it('alone loses next to nothing', () => {
    startSpinning();
    const { measure, verdicts } = measured(diagnose('100', '--seconds', '3').report);
    expect(measure.vcpus).toMatchObject([{ index: 0, migrationsPerS: 0 }]);
    expect(measure.runShare).toBeGreaterThan(0.6);
    // Whatever else this machine does may take a little of its CPU.
    expect(measure.waitShare).toBeLessThan(0.15);
    if (measure.waitShare < 0.01) expect(verdicts).toEqual([{ kind: 'fine', share: 0 }]);
  });
});

describe('a guest that does not run its vCPUs', () => {
  it('is idle, which is no loss', () => {
    startGuest();
    const { code, report } = diagnose('--seconds', '1');
    expect(code).toBe(0);
    expect(measured(report)).toMatchObject({ verdicts: [{ kind: 'idle-nothing-to-see' }], advice: ['nothing'] });
  });

  it('and stops meanwhile is said to have gone', async () => {
    const guest = startGuest();
    const { child, ended } = startBerth('--json', 'diagnose', '--seconds', '6');
    await sleep(3000);
    await guest.kill();
    await once(child, 'exit');
    const { code, stdout } = await ended;
    expect(code).toBe(1);
    expect(parseOutput(stdout).guests).toEqual([{ state: 'gone', vmid: 100, reason: null }]);
  });
});

/** For tests in which something happens while it runs. */
function startBerth(...args: readonly string[]) {
  const child = spawn(process.execPath, ['bin/berth', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('latin1');
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout }));
  return { child, ended };
}

describe('berth diagnose', () => {
  it('judges what it has seen when it is interrupted', async () => {
    startGuest();
    const { child, ended } = startBerth('--json', 'diagnose', '--seconds', '60');
    await sleep(3000);
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    const report = parseOutput(stdout);
    expect(code).toBe(0);
    expect(report.interrupted).toBe(true);
    expect(report.seconds).toBeLessThan(30);
    expect(measured(report).verdicts).toEqual([{ kind: 'idle-nothing-to-see', share: 0 }]);
  });

  it('has nothing to do where no guest runs', () => {
    writeVmConfig(100, { cores: 1 });
    const { code, stdout } = runBerth(['diagnose', '--seconds', '1']);
    expect(code).toBe(0);
    expect(stdout).toContain('No guest runs on this node.');
  });

  it('says of a VM that was asked for that it does not run', () => {
    writeVmConfig(100, { cores: 1 });
    const { code, stdout } = runBerth(['diagnose', '100', '--seconds', '1']);
    expect(code).toBe(1);
    expect(stdout).toContain('100 guest100: It does not run.');
  });

  it.each([
    ['a VMID that is not here', ['100'], 'There is no guest 100 on node'],
    ['a container that does not run', ['200'], 'Container 200 does not run'],
    ['no time', ['--seconds', '0'], 'sampling takes 1 to 600 whole seconds'],
    ['half a second', ['--seconds', '0.5'], 'sampling takes 1 to 600 whole seconds'],
  ])('refuses %s', (_, args, words) => {
    writeFileSync(`/etc/pve/nodes/${NODE}/lxc/200.conf`, 'cores: 1\nmemory: 512\n');
    const { code, stderr } = runBerth(['diagnose', ...args]);
    expect(code).toBe(1);
    expect(stderr).toContain(words);
  });

  it('refuses a captured host, which stands still', () => {
    const root = makeTemporaryTree({
      '/etc/hostname': 'pve\n',
      '/sys/devices/system/cpu/online': '0\n',
      '/sys/devices/system/cpu/present': '0\n',
    });
    const { code, stderr } = runBerth(['--root', root, 'diagnose']);
    expect(code).toBe(1);
    expect(stderr).toContain('a captured host stands still');
  });
});
