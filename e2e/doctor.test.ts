// `berth doctor --fix` on this machine: a finding is shown, fixed through the journal, and undone byte for byte. And what another node may know of this one.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { doctorJson } from '#contract/doctor.ts';
import { parseJson } from '#contract/read-json.ts';
import { PROGRAM, runBerth } from './berth.ts';
import { configPath, NODE, readConfig, resetNode, writeVmConfig } from './live-node.ts';
import { enterPrivateMounts } from './private-mounts.ts';
import { type QemuGuest, startQemuGuest } from './qemu-guest.ts';

const JOURNAL = '/var/lib/berth/journal';

const guests: QemuGuest[] = [];
const programs: ChildProcess[] = [];

beforeAll(enterPrivateMounts);

beforeEach(resetNode);

afterEach(async () => {
  for (const program of programs.splice(0)) program.kill('SIGKILL');
  for (const guest of guests.splice(0)) await guest.stop();
});

/** A VM that somebody has pinned by a key that does not exist, and by a value that does nothing. */
function writeTutorialConfig(vmid: number): string {
  const text = `${writeVmConfig(vmid, { cores: 1 })}affinity: 0\naffinity0: 0\n`;
  writeFileSync(configPath(vmid), text, 'latin1');
  return text;
}

/** This machine has findings of its own: only those of the guest count. */
function codesOf(vmid: number): readonly string[] {
  const { stdout } = runBerth(['--json', 'doctor', `${vmid}`]);
  return parseJson(doctorJson, stdout, 'the output').findings.map(({ code }) => code);
}

describe('berth doctor --fix', () => {
  it('shows what is wrong, puts it right, finds nothing more, and gives every byte back', () => {
    const before = writeTutorialConfig(100);
    const shown = runBerth(['doctor', '100']);
    expect(shown.code).toBe(2);
    expect(shown.stdout).toMatch(/\[affinity-zero\]\n {4}\S+\/100\.conf:\d+ {2}affinity: 0\n/);
    expect(shown.stdout).toContain('`berth doctor --fix` offers to fix 2');
    expect(readConfig(100)).toBe(before);
    expect(existsSync(JOURNAL)).toBe(false);

    const fixed = runBerth(['doctor', '100', '--fix', '--yes']);
    expect(fixed.stderr).toBe('');
    expect(fixed).toMatchObject({ code: 0, stdout: expect.stringContaining('0 of 2 findings remain.') });
    expect(readConfig(100)).toBe(before.replace('affinity: 0\naffinity0: 0\n', ''));
    expect(readdirSync(JOURNAL)).toEqual(['0001.json']);
    expect(codesOf(100)).toEqual([]);

    expect(runBerth(['undo', '--yes'])).toMatchObject({ code: 0 });
    expect(readConfig(100)).toBe(before);
    expect(codesOf(100)).toEqual(['affinity-zero', 'unknown-key']);
  });

  it('of a running VM what takes effect later waits for its next start; undo takes that back', () => {
    const before = writeTutorialConfig(100);
    guests.push(startQemuGuest({ vmid: 100, cores: 1 }));
    expect(runBerth(['doctor', '100', '--fix', '--yes'])).toMatchObject({ code: 0 });
    expect(readConfig(100)).toContain('[PENDING]\ndelete: affinity\n');
    expect(readConfig(100)).toContain('\naffinity: 0\n');
    expect(runBerth(['undo', '--yes'])).toMatchObject({ code: 0 });
    expect(readConfig(100)).toBe(before);
  });

  it('changes nothing when nobody agrees', () => {
    const before = writeTutorialConfig(100);
    const ran = runBerth(['doctor', '100', '--fix']);
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('--yes') });
    expect(readConfig(100)).toBe(before);
    expect(existsSync(JOURNAL)).toBe(false);
  });

  it('changes nothing when the config was edited while the list was being read', async () => {
    const before = writeTutorialConfig(100);
    const asked = askAtTerminal('doctor', '100', '--fix');
    await expect.poll(asked.output, { timeout: 30_000, interval: 50 }).toContain('Make these changes?');
    const edited = `${before}onboot: 1\n`;
    writeFileSync(configPath(100), edited, 'latin1');
    asked.answer('y');
    expect(await asked.ended).toBe(1);
    expect(asked.output()).toMatch(/the config of guest 100 was edited/);
    expect(readConfig(100)).toBe(edited);
    expect(existsSync(`${JOURNAL}/0001.json`)).toBe(false);
  });
});

/** script(1) gives the program a terminal. */
function askAtTerminal(...args: readonly string[]) {
  const command = [process.execPath, PROGRAM, ...args].join(' ');
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null']);
  programs.push(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString('latin1');
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { output: () => output, answer: (text: string) => child.stdin.write(`${text}\n`), ended };
}

describe('what another node knows of this one', () => {
  const published = `/etc/pve/berth/nodes/${NODE}/topology.json`;

  it('is published by inspect, and judged by migrate-check as the machine that it is', () => {
    expect(runBerth(['inspect', '--publish'])).toMatchObject({ code: 0 });
    const facts = readFileSync(published, 'latin1');
    writeVmConfig(100, { cores: 1 });
    writeFileSync(configPath(100), `${readConfig(100)}affinity: 1\n`, 'latin1');
    mkdirSync('/etc/pve/berth/nodes/twin', { recursive: true });
    mkdirSync('/etc/pve/nodes/twin/qemu-server', { recursive: true });
    const ofTwin = facts.replaceAll(`"node": "${NODE}"`, '"node": "twin"');
    expect(ofTwin).not.toBe(facts);
    writeFileSync('/etc/pve/berth/nodes/twin/topology.json', ofTwin, 'latin1');

    const twin = runBerth(['migrate-check', '100', 'twin']);
    expect(twin.stderr).toBe('');
    expect(twin.code).not.toBe(1);
    expect(twin.stdout).toContain('twin');
    const before = readConfig(100);
    expect(runBerth(['migrate-check', '100', 'nowhere'])).toMatchObject({ code: 1 });
    expect(readConfig(100)).toBe(before);
  });
});
