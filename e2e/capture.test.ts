// A capture of this very machine with a real QEMU guest: the same answers from it, and nothing that names the machine.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runBerth } from './berth.ts';
import { configPath, NODE, resetNode, writeVmConfig } from './live-node.ts';
import { enterPrivateMounts } from './private-mounts.ts';
import { type QemuGuest, startQemuGuest } from './qemu-guest.ts';

let guest: QemuGuest | null = null;
let directory = '';

beforeAll(enterPrivateMounts);
beforeEach(() => {
  resetNode();
  directory = mkdtempSync(join(tmpdir(), 'berth-capture-'));
});
afterEach(async () => {
  await guest?.stop();
  guest = null;
  rmSync(directory, { recursive: true });
});

/** Captures the live host and unpacks it; returns the root of the tree. */
function captureLive(): string {
  const file = join(directory, 'host.tar.gz');
  const ran = runBerth(['capture', file]);
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(spawnSync('tar', ['-xf', file, '-C', directory]).status).toBe(0);
  return join(directory, 'berth-capture');
}

/** What moves by itself between two looks: free memory, resident pages, where a thread last ran; and what is a name. */
const MOVING = ['freeMiB', 'availableMiB', 'residentMiB', 'lastCpu'];
const NAMES = ['node', 'name', 'digest', 'policy', 'uuid', 'simulated', 'tids'];

function answer(args: readonly string[]): unknown {
  const { stdout } = runBerth(['--json', ...args]);
  return JSON.parse(stdout.replaceAll(`nodes/${NODE}/`, 'nodes/node/'), (key, value) =>
    MOVING.includes(key) || (NAMES.includes(key) && typeof value !== 'number') ? null : value,
  );
}

const textsBelow = (root: string): string =>
  readdirSync(root, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .map(entry => {
      const path = join(entry.parentPath, entry.name);
      return `${path.slice(root.length)}\n${entry.isFile() ? readFileSync(path, 'latin1') : ''}`;
    })
    .join('\n');

describe('berth capture of the live host', () => {
  it('answers inspect and plan as the host does', () => {
    writeVmConfig(100, { cores: 1 });
    guest = startQemuGuest({ vmid: 100, cores: 1 });
    expect(runBerth(['policy', 'set', '100', 'class=dedicated'])).toMatchObject({ code: 0 });
    const root = captureLive();
    expect(answer(['--root', root, 'inspect'])).toEqual(answer(['inspect']));
    expect(answer(['--root', root, 'plan'])).toEqual(answer(['plan']));
    expect(answer(['inspect'])).toMatchObject({
      guests: [{ vmid: 100, running: true, threads: expect.arrayContaining([]) }],
    });
  });

  it('answers with a placement in force as well', () => {
    writeVmConfig(100, { cores: 1 });
    guest = startQemuGuest({ vmid: 100, cores: 1 });
    runBerth(['policy', 'set', '100', 'class=dedicated']);
    expect(runBerth(['apply', '--yes'])).toMatchObject({ code: 0 });
    const root = captureLive();
    expect(answer(['--root', root, 'plan'])).toEqual(answer(['plan']));
    expect(runBerth(['--root', root, 'verify'])).toMatchObject({ code: 0 });
  });

  it('holds neither the name of the machine, nor uuids, MACs or secrets', () => {
    writeVmConfig(100, { cores: 1 });
    writeFileSync(configPath(100), `${readFileSync(configPath(100), 'latin1')}cipassword: hunter2\n`, 'latin1');
    guest = startQemuGuest({ vmid: 100, cores: 1, name: 'very-private' });
    const texts = textsBelow(captureLive());
    expect(texts).toContain('cores: 1');
    expect(texts).not.toMatch(new RegExp(`\\b${NODE}\\b`));
    for (const private_ of ['very-private', 'hunter2', 'BC:24:11', 'kept exactly', '5b0c2f4e']) {
      expect(texts).not.toContain(private_);
    }
    expect(texts).not.toMatch(
      /\b(?!00000000-0000-4000-8000-)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/i,
    );
    expect(texts).not.toMatch(/\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b/i);
    expect(texts).not.toMatch(/\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b/);
  });

  it('never replaces a file', () => {
    const file = join(directory, 'mine');
    writeFileSync(file, 'precious');
    const ran = runBerth(['capture', file]);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain(`Cannot write ${file}: file already exists`);
    expect(readFileSync(file, 'latin1')).toBe('precious');
  });

  it('says as JSON what it wrote', () => {
    const ran = runBerth(['--json', 'capture', join(directory, 'x')]);
    expect(JSON.parse(ran.stdout)).toMatchObject({ schema: 'berth/capture/1', unknown: [] });
  });
});
