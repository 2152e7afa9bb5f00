// A disk that is full when an apply or the agent wants to write: nothing is half done, nobody loses a pin, and all goes on once there is room.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeIdList, parseCpuList } from '#domain/id-list.ts';
import type { Host } from '#host/host.ts';
import { openHost } from '#host/open-host.ts';
import { PROGRAM, runBerth } from './berth.ts';
import { NODE, PLACEMENT, readConfig, writeVmConfig } from './live-node.ts';
import { enterPrivateMounts, mountTmpfs, unmount } from './private-mounts.ts';
import { type QemuGuest, startQemuGuest } from './qemu-guest.ts';
import { masksByRole, onlineCpus } from './thread-masks.ts';

const DISKS = ['/etc/pve', '/var/lib/berth'];
const PAGE = 4096;
const SOON = { timeout: 8000, interval: 20 };

let host: Host;
let online = '';
let guest: QemuGuest;
let agent: ChildProcess | null = null;

beforeAll(() => {
  enterPrivateMounts();
  host = openHost('/');
  online = encodeIdList(onlineCpus());
  if (parseCpuList(online).size < 2) throw new Error('These tests need a machine with two CPUs');
});

beforeEach(() => {
  for (const disk of DISKS) mountTmpfs(disk, '256k');
  mkdirSync(`/etc/pve/nodes/${NODE}/qemu-server`, { recursive: true });
  mkdirSync(`/etc/pve/nodes/${NODE}/lxc`);
  writeVmConfig(100, { cores: 1 });
  guest = startQemuGuest({ vmid: 100, cores: 1 });
  expect(runBerth(['policy', 'set', '100', 'class=dedicated'])).toMatchObject({ code: 0 });
});

afterEach(async () => {
  agent?.kill('SIGKILL');
  agent = null;
  await guest.stop();
  for (const disk of DISKS) unmount(disk);
});

/** Leaves so many pages; a file takes whole ones. */
function fill(disk: string, pagesLeft: number): void {
  const { bavail } = statfsSync(disk);
  writeFileSync(`${disk}/filler`, Buffer.alloc((bavail - pagesLeft) * PAGE));
}

const makeRoom = (disk: string) => rmSync(`${disk}/filler`);

const vcpuMasks = async () => (await masksByRole(guest, host)).vcpus;

/** How many applies failed, from one without any room on. */
async function applyWithEverLessRoom(disk: string, recovery: (before: string) => Promise<void>): Promise<number> {
  let failed = 0;
  for (let pages = 0; ; pages++) {
    const before = readConfig(100);
    fill(disk, pages);
    const { code, stdout, stderr } = runBerth(['apply', '--yes']);
    makeRoom(disk);
    if (code !== 1) return failed;
    failed++;
    expect(stdout + stderr).toMatch(new RegExp(`Cannot write ${disk}/.*: no space left on device`));
    expect(stderr).not.toContain('This is a bug');
    // Whole files only: the one before, or the one that was meant.
    for (const file of [PLACEMENT, '/var/lib/berth/placement.json'])
      if (existsSync(file))
        expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ schema: 'berth/placement/1' });
    expect(readConfig(100)).toContain('ostype: l26\n');
    await recovery(before);
  }
}

describe.each(DISKS)('an apply while %s is full', disk => {
  it('says so wherever it stops, and undo puts everything back', { timeout: 120_000 }, async () => {
    const failed = await applyWithEverLessRoom(disk, async before => {
      const { entries } = JSON.parse(runBerth(['history', '--json']).stdout);
      const last = entries.at(-1);
      // Without room for the journal itself nothing was begun.
      if (last !== undefined && last.action === 'apply' && !isUndone(entries, last.id))
        expect(runBerth(['undo', '--yes'])).toMatchObject({ code: 0 });
      expect(readConfig(100)).toBe(before);
      expect(await vcpuMasks()).toEqual([online]);
      expect(existsSync(PLACEMENT)).toBe(false);
    });
    expect(failed).toBeGreaterThan(1);
    expect(await vcpuMasks()).not.toEqual([online]);
  });

  it('is gone on with by the next one', async () => {
    fill(disk, 2);
    expect(runBerth(['apply', '--yes'])).toMatchObject({ code: 1 });
    makeRoom(disk);
    expect([0, 2]).toContain(runBerth(['apply', '--yes']).code);
    expect(runBerth(['verify']).stdout).not.toContain('[vcpu-mask]');
    expect(await vcpuMasks()).not.toEqual([online]);
  });
});

const isUndone = (entries: readonly { undoes?: string | null }[], id: string): boolean =>
  entries.some(({ undoes }) => undoes === id);

function startAgent(): () => string {
  const child = spawn(process.execPath, [PROGRAM, 'agent', '--period', '1'], { stdio: ['ignore', 'pipe', 'pipe'] });
  agent = child;
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  return () => output;
}

describe('the agent while every disk is full', () => {
  it('pins a guest that starts', async () => {
    expect([0, 2]).toContain(runBerth(['apply', '--yes']).code);
    const pinned = await vcpuMasks();
    await guest.stop();
    for (const disk of DISKS) fill(disk, 0);
    startAgent();
    guest = startQemuGuest({ vmid: 100, cores: 1 });
    await expect.poll(vcpuMasks, SOON).toEqual(pinned);
  });

  it('places no guest that arrives, says why, and does it once there is room', async () => {
    writeFileSync('/etc/pve/berth/policy.yaml', 'onArrival: place\nguests:\n  100: { class: dedicated }\n');
    for (const disk of DISKS) fill(disk, 0);
    const before = readConfig(100);
    const said = startAgent();
    await expect.poll(said, SOON).toContain('no space left on device');
    expect(await vcpuMasks()).toEqual([online]);
    for (const disk of DISKS) makeRoom(disk);
    await expect.poll(vcpuMasks, SOON).not.toEqual([online]);
    expect(readConfig(100)).toBe(before);
  });
});
