// The lab as a program: what it says when a host cannot be had, and that nothing of it stays behind, however it ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';

interface Lab {
  readonly child: ChildProcess;
  /** Its scratch directory; what it starts has that in its arguments. */
  readonly scratch: string;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

const labs: Lab[] = [];

function startLab(...args: readonly string[]): Lab {
  const scratch = mkdtempSync(join(tmpdir(), 'berth-e2e-lab-'));
  const child = spawn(process.execPath, ['scripts/run.mjs', ...args], {
    env: { ...process.env, TMPDIR: scratch },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const ended = new Promise<number | null>(resolve => child.on('close', code => resolve(code)));
  const lab = { child, scratch, ended, output: () => output };
  labs.push(lab);
  return lab;
}

afterEach(async () => {
  for (const { child, ended, scratch } of labs.splice(0)) {
    child.kill('SIGKILL');
    await ended;
    await expect.poll(() => processesOf(scratch), { timeout: 5000 }).toEqual([]);
    rmSync(scratch, { recursive: true });
  }
});

/** Processes with that directory in their arguments; zombies have none. */
const processesOf = (directory: string): readonly string[] =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(pid => readIfThere(`/proc/${pid}/cmdline`).replaceAll('\0', ' '))
    .filter(command => command.includes(directory));

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

async function waitFor(lab: Lab, text: string): Promise<void> {
  const end = performance.now() + 90_000;
  while (!lab.output().includes(text)) {
    if (performance.now() > end || lab.child.exitCode !== null)
      throw new Error(`It has not said "${text}", but:\n${lab.output()}`);
    await sleep(50);
  }
}

describe('an interrupted lab', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends with 1 and leaves nothing at %s', async signal => {
    const lab = startLab('lab/test.ts', 'single-node-pin');
    await waitFor(lab, 'booting the kernel');
    await expect.poll(() => processesOf(lab.scratch).length, { timeout: 10_000 }).toBeGreaterThan(0);
    lab.child.kill(signal);
    expect(await lab.ended).toBe(1);
    expect(lab.output()).toMatch(/^lab: 0 passed, 0 failed, 1 boots, [\d.]+ s, interrupted$/m);
    expect(processesOf(lab.scratch)).toEqual([]);
    expect(readdirSync(lab.scratch)).toEqual([]);
  });

  it('takes QEMU with it when it is killed, and leaves a directory with its pid', async () => {
    const lab = startLab('lab/main.ts', '1p1n4c', '--', 'true');
    await waitFor(lab, 'booting the kernel');
    await expect.poll(() => processesOf(lab.scratch).length, { timeout: 10_000 }).toBeGreaterThan(0);
    lab.child.kill('SIGKILL');
    await lab.ended;
    await expect.poll(() => processesOf(lab.scratch), { timeout: 5000 }).toEqual([]);
    // By this name the next one knows whose it was.
    expect(readdirSync(lab.scratch)).toEqual([expect.stringMatching(`^berth-lab-${lab.child.pid}-`)]);
  });
});

describe('npm run lab', () => {
  it('runs a command on the host, with its words as they are, and ends with its code', async () => {
    const script = 'echo "it\'s $1 of $(nproc)"; exit 7';
    const lab = startLab('lab/main.ts', '1p1n4c', '--', 'sh', '-c', script, 'sh', 'one  word');
    expect(await lab.ended, lab.output()).toBe(7);
    expect(lab.output()).toContain("it's one  word of 4\r\n");
    expect(readdirSync(lab.scratch)).toEqual([]);
  });

  it('shows why the kernel did not come up', async () => {
    const lab = startLab('lab/main.ts', '1p1n4c', '--boot', 'rdinit=/nothing init=/nothing', '--', 'true');
    expect(await lab.ended).toBe(1);
    expect(lab.output()).toMatch(/^The kernel panicked: .*(init|root)/im);
    expect(readdirSync(lab.scratch)).toEqual([]);
  });

  it.each([
    ['no shape', ['lab/main.ts'], /^Which shape\?\n\nnpm run lab -- SHAPE[\s\S]* {2}2p2n8c +two sockets/],
    ['an unknown shape', ['lab/main.ts', '9p'], /^There is no shape "9p"\. There are:\n {2}2p2n8c +two sockets/],
    [
      'an unknown option',
      ['lab/main.ts', '2p2n8c', '--kernal', '6.1'],
      /^Unknown option '--kernal'\. See `npm run lab -- --help`\n$/,
    ],
    ['another init', ['lab/main.ts', '2p2n8c', '--init', 'openrc'], /^--init is plain or systemd, not "openrc"\n$/],
    [
      'an unknown scenario',
      ['lab/test.ts', 'pin'],
      /^There is no scenario pin\. There are:\n(.*\n)* {2}single-node-pin\n/,
    ],
    [
      'an unknown option of the tests',
      ['lab/test.ts', '--sabotaged'],
      /^Unknown option '--sabotaged'\. See `npm run lab:test -- --help`\n$/,
    ],
  ])('refuses %s', async (_, args, words) => {
    const lab = startLab(...args);
    expect(await lab.ended).toBe(1);
    expect(lab.output()).toMatch(words);
  });

  it('refuses a kernel that Debian does not offer, and names those it does', async () => {
    const lab = startLab('lab/main.ts', '2p2n8c', '--kernel', '5.99');
    expect(await lab.ended).toBe(1);
    expect(lab.output()).toMatch(/have no kernel of the series 5\.99 .* They have .*6\.1\b/);
  });

  it.each(['lab/main.ts', 'lab/test.ts'])('explains itself: %s --help', async program => {
    const lab = startLab(program, '--help');
    expect(await lab.ended).toBe(0);
    expect(lab.output()).toContain('--help ');
  });
});
