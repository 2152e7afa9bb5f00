// Load that is really made, and really ends.
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RunningLoad, startLoad } from './make-load.ts';

let directory = '';
let running: RunningLoad | null = null;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'berth-load-'));
});

afterEach(async () => {
  await running?.stop();
  running = null;
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

const usedMs = () => (process.cpuUsage().user + process.cpuUsage().system) / 1000;

/** On the path before all others, as a script with this text. */
function installStressNg(text: string): void {
  const program = join(directory, 'stress-ng');
  writeFileSync(program, `#!/bin/sh\n${text}\n`);
  chmodSync(program, 0o755);
  vi.stubEnv('PATH', `${directory}:${process.env.PATH}`);
}

const said = (): readonly string[] => readFileSync(join(directory, 'said'), 'latin1').trim().split('\n');

async function untilSaid(lines: number): Promise<readonly string[]> {
  while (!readdirSync(directory).includes('said') || said().length < lines) await sleep(5);
  return said();
}

const isAlive = (pid: string): boolean =>
  readdirSync('/proc').includes(pid) && !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));

describe('startLoad() without stress-ng', () => {
  beforeEach(() => vi.stubEnv('PATH', directory));

  it('keeps CPUs busy until it is stopped', async () => {
    running = await startLoad({ workers: 1, longestS: 60 });
    expect(running.load).toEqual({ kind: 'built-in', workers: 1 });
    const began = usedMs();
    // However busy this machine is, it gets its turns.
    while (usedMs() - began < 100) await sleep(10);
    expect(await running.stop()).toBe(true);
    const stopped = usedMs();
    await sleep(100);
    expect(usedMs() - stopped).toBeLessThan(80);
  });
});

describe('startLoad() with stress-ng', () => {
  it('asks it for as many workers, and for no longer than was said', async () => {
    installStressNg(`echo "$@" > ${directory}/said; exec sleep 100`);
    running = await startLoad({ workers: 3, longestS: 90.5 });
    expect(running.load).toEqual({ kind: 'stress-ng', workers: 3 });
    expect((await untilSaid(1))[0]).toBe('--cpu 3 --cpu-load 85 --timeout 91s --quiet');
  });

  it('kills it with all that it has started', async () => {
    installStressNg(`sleep 100 & echo $$ > ${directory}/said; echo $! >> ${directory}/said; wait`);
    running = await startLoad({ workers: 1, longestS: 60 });
    const pids = await untilSaid(2);
    expect(pids.map(isAlive)).toEqual([true, true]);
    expect(await running.stop()).toBe(true);
    // Its child was killed with it, and is a corpse until somebody collects it.
    while (pids.some(isAlive)) await sleep(5);
  });

  it('says so when it ended by itself', async () => {
    installStressNg(`echo $$ > ${directory}/said`);
    running = await startLoad({ workers: 1, longestS: 60 });
    const [pid = ''] = await untilSaid(1);
    // Not even its corpse is there any more: Node has collected it.
    while (readdirSync('/proc').includes(pid)) await sleep(5);
    expect(await running.stop()).toBe(false);
  });

  it('kills nobody twice', async () => {
    installStressNg('exec sleep 100');
    running = await startLoad({ workers: 1, longestS: 60 });
    expect(await running.stop()).toBe(true);
    expect(await running.stop()).toBe(false);
  });
});
