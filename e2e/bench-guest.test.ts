// `berth bench --mode guest` with an agent of our own on the guest's socket: it runs the real cyclictest here, or fails as agents and guests do.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { measurementJson } from '#contract/measurement.ts';
import { parseJson } from '#contract/read-json.ts';
import type { Measurement } from '#domain/measurement.ts';
import { PROGRAM, runBerth } from './berth.ts';
import { resetNode, writeVmConfig } from './live-node.ts';
import { enterPrivateMounts } from './private-mounts.ts';
import { type QemuGuest, startQemuGuest } from './qemu-guest.ts';
import { threadMasks } from './thread-masks.ts';

const STORED = '/var/lib/berth/measurements/0001.json';
const HISTOGRAM = readFileSync('fixtures/latency/cyclictest-h.txt', 'latin1');
let guest: QemuGuest;
let asFound: readonly string[];
let agent: Server | null = null;

beforeAll(enterPrivateMounts);

beforeEach(() => {
  resetNode();
  rmSync(STORED, { force: true });
  writeVmConfig(100, { cores: 1 });
  guest = startQemuGuest({ vmid: 100, cores: 1, iothreads: [], affinity: '0' });
  asFound = threadMasks(guest);
  expect(runBerth(['policy', 'set', '100', 'class=dedicated'])).toMatchObject({ code: 0 });
});

afterEach(async () => {
  agent?.close();
  agent = null;
  await guest.stop();
});

type Status = Readonly<Record<string, unknown>> | null;

const printed = (text: string): Status => ({
  exited: true,
  exitcode: 0,
  'out-data': Buffer.from(text).toString('base64'),
});

/** @param exec what becomes of the nth program that is started, the first of which asks for help; null: the agent knows nothing of it */
async function startAgent(exec: (argv: readonly string[], nth: number) => Promise<Status>): Promise<void> {
  const programs: Promise<Status>[] = [];
  const answer = async ({
    execute,
    arguments: args,
  }: {
    execute: string;
    arguments: Readonly<Record<string, never>>;
  }) => {
    if (execute === 'guest-sync-delimited') return `\xff${JSON.stringify({ return: args.id })}\n`;
    if (execute === 'guest-exec') {
      programs.push(exec([args.path ?? '', ...(args.arg ?? [])], programs.length));
      return `${JSON.stringify({ return: { pid: programs.length } })}\n`;
    }
    const status = await programs[Number(args.pid) - 1];
    const gone = { error: { class: 'InvalidParameter', desc: "Invalid parameter 'pid'" } };
    return `${JSON.stringify(status ? { return: status } : gone)}\n`;
  };
  agent = createServer(socket => {
    socket.setEncoding('latin1');
    socket.on('error', () => {});
    socket.on('data', (data: string) => {
      for (const line of data.trim().split('\n')) {
        void answer(JSON.parse(line.replace(/^\xff/, ''))).then(text => socket.write(text, 'latin1'));
      }
    });
  });
  agent.listen('/run/qemu-server/100.qga');
  await once(agent, 'listening');
}

/** As the agent in a guest would. */
async function runHere([program = '', ...args]: readonly string[]): Promise<Status> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  const [code] = await once(child, 'close');
  return { ...printed(text), exitcode: code };
}

async function bench(): Promise<{ code: number; said: string }> {
  const args = ['bench', '100', '--mode', 'guest', '--rounds', '1', '--seconds', '1', '--yes'];
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const [code] = await once(child, 'close');
  return { code, said };
}

const stored = (): Measurement => parseJson(measurementJson, readFileSync(STORED, 'latin1'), STORED);

const expectAsFound = () => expect(threadMasks(guest)).toEqual(asFound);

describe('berth bench --mode guest', () => {
  it('measures with cyclictest, corrected for what it omits', async () => {
    await startAgent(runHere);
    expect(await bench()).toMatchObject({ code: 0 });
    const { instrument, mode, omissionCorrectedUs, blocks, commands } = stored();
    expect({ instrument, mode, omissionCorrectedUs }).toEqual({
      ...{ instrument: 'cyclictest', mode: 'guest', omissionCorrectedUs: 200 },
    });
    expect(commands[0]).toMatch(/^qm guest exec 100 -- cyclictest --mlockall --smp .*--duration=SECONDS$/);
    expect(blocks).toHaveLength(3);
    for (const { all } of blocks) expect(all.count).toBeGreaterThan(100);
    expectAsFound();
  });

  it('changes nothing without an agent, and says what to do', async () => {
    const { code, said } = await bench();
    expect(code).toBe(1);
    expect(said).toContain('the VM has no agent. In Proxmox: `qm set VMID --agent 1`');
    expect(runBerth(['history']).stdout).toBe('Nothing was applied on this node yet.\n');
  });

  it('changes nothing when there is no cyclictest in the guest', async () => {
    await startAgent(async () => ({ exited: true, exitcode: 127 }));
    const { code, said } = await bench();
    expect(code).toBe(1);
    expect(said).toContain('`cyclictest` in the guest ended with exit code 127');
    expect(runBerth(['history']).stdout).toBe('Nothing was applied on this node yet.\n');
  });

  it.each([
    ['cyclictest is killed', { exited: true, signal: 9 }, '`cyclictest` in the guest was killed by signal 9'],
    ['the guest is rebooted', null, 'Was the guest rebooted?'],
    ['cyclictest prints something else', printed('Segmentation fault\n'), "cyclictest's output"],
  ])('puts everything back when %s, and keeps what was measured', async (_, status, words) => {
    await startAgent(async (_argv, nth) => (nth === 2 ? status : printed(HISTOGRAM)));
    const { code, said } = await bench();
    expect(code).toBe(1);
    expect(said).toContain(words);
    expect(stored().blocks.map(({ phase }) => phase)).toEqual(['asFound']);
    expectAsFound();
  });
});
