// `berth bench --ssh` through a real client and a real server on the loopback, with keys made here.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { measurementJson } from '#contract/measurement.ts';
import { parseJson } from '#contract/read-json.ts';
import type { Measurement } from '#domain/measurement.ts';
import { PROGRAM, runBerth } from './berth.ts';
import { resetNode, writeVmConfig } from './live-node.ts';
import { enterPrivateMounts, mountTmpfs } from './private-mounts.ts';
import { type QemuGuest, startQemuGuest } from './qemu-guest.ts';
import { threadMasks } from './thread-masks.ts';

const STORED = '/var/lib/berth/measurements/0001.json';
/** Where both ends look, whatever HOME says; hidden for a while, because this is root's own. */
const KEYS = join(userInfo().homedir, '.ssh');
const directory = mkdtempSync(join(tmpdir(), 'berth-ssh-'));
let server: ChildProcess;
let port = 0;
let guest: QemuGuest;
let asFound: readonly string[];

beforeAll(async () => {
  enterPrivateMounts();
  // The mount point itself is all that may be left on the machine: a bare directory.
  mkdirSync(KEYS, { recursive: true, mode: 0o700 });
  mountTmpfs(KEYS, '1m');
  port = await findPort();
  make('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', `${KEYS}/id_ed25519`);
  make('dropbearkey', '-t', 'ed25519', '-f', `${directory}/host`);
  const argv = ['-F', '-E', '-s', '-p', `127.0.0.1:${port}`, '-r', `${directory}/host`, '-P', `${directory}/pid`];
  server = spawn('dropbear', argv, { stdio: 'ignore' });
  const options = ['HostName 127.0.0.1', `Port ${port}`, 'User root', 'StrictHostKeyChecking accept-new'];
  writeFileSync(`${KEYS}/config`, `Host guest\n${options.map(option => `  ${option}\n`).join('')}`);
});

afterAll(() => {
  server.kill();
  rmSync(directory, { recursive: true });
});

function make(program: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? stderr}`);
}

async function findPort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port: found } = listener.address() as AddressInfo;
  listener.close();
  return found;
}

beforeEach(() => {
  resetNode();
  rmSync(STORED, { force: true });
  copyFileSync(`${KEYS}/id_ed25519.pub`, `${KEYS}/authorized_keys`);
  writeVmConfig(100, { cores: 1 });
  guest = startQemuGuest({ vmid: 100, cores: 1, iothreads: [], affinity: '0' });
  asFound = threadMasks(guest);
  expect(runBerth(['policy', 'set', '100', 'class=dedicated'])).toMatchObject({ code: 0 });
});

afterEach(() => guest.stop());

const ARGUMENTS = ['bench', '100', '--ssh', 'guest', '--rounds', '1', '--yes'];

const stored = (): Measurement => parseJson(measurementJson, readFileSync(STORED, 'latin1'), STORED);

function expectUntouched(): void {
  expect(threadMasks(guest)).toEqual(asFound);
  expect(runBerth(['history']).stdout).toBe('Nothing was applied on this node yet.\n');
}

describe('berth bench --ssh', () => {
  it('measures with the cyclictest at the other end', () => {
    const { code, stderr } = runBerth([...ARGUMENTS, '--seconds', '1']);
    expect(code, stderr).toBe(0);
    const { instrument, mode, blocks, commands } = stored();
    expect({ instrument, mode }).toEqual({ instrument: 'cyclictest', mode: 'ssh' });
    expect(commands[0]).toMatch(/^ssh -o BatchMode=yes .* -- guest cyclictest /);
    for (const { all } of blocks) expect(all.count).toBeGreaterThan(100);
    expect(threadMasks(guest)).toEqual(asFound);
  });

  it('keeps what was measured when the connection is lost', async () => {
    const child = spawn(process.execPath, [PROGRAM, ...ARGUMENTS, '--seconds', '2'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const ended = once(child, 'close');
    while (!said.includes('as planned')) await sleep(20);
    for (let sessions: readonly number[] = []; sessions.length === 0; sessions = listSessions()) await sleep(50);
    // Long enough for the other end to have started its program.
    await sleep(300);
    for (const pid of listSessions()) process.kill(pid, 'SIGKILL');
    expect(await ended).toEqual([1, null]);
    expect(said).toContain('Ended early: `ssh ');
    expect(stored().blocks.map(({ phase }) => phase)).toEqual(['asFound']);
    expect(threadMasks(guest)).toEqual(asFound);
  });

  it('changes nothing where there is no cyclictest, and says how to install it', () => {
    const key = readFileSync(`${KEYS}/id_ed25519.pub`, 'latin1');
    writeFileSync(`${KEYS}/authorized_keys`, `command="no-such-program" ${key}`);
    const { code, stderr } = runBerth(ARGUMENTS);
    expect(code).toBe(1);
    expect(stderr).toContain('There is no cyclictest on guest. Install it in the guest: apt install rt-tests');
    expectUntouched();
  });

  it('changes nothing when the key is not taken: nobody is there to type a password', () => {
    writeFileSync(`${KEYS}/authorized_keys`, '');
    const { code, stderr } = runBerth(ARGUMENTS);
    expect(code).toBe(1);
    expect(stderr).toContain('Permission denied');
    expectUntouched();
  });
});

/** The server's process for each connection. */
const listSessions = (): readonly number[] =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => pid !== server.pid && parentOf(pid) === server.pid);

function parentOf(pid: number): number | null {
  try {
    return Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
  } catch {
    // It ended meanwhile.
    return null;
  }
}
