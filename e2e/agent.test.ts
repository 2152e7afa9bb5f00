// The agent on this machine's kernel: guests that start, masks that strangers change, guests that nobody placed, and its own end.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeIdList, parseCpuList } from '#domain/id-list.ts';
import type { Host } from '#host/host.ts';
import { openHost } from '#host/open-host.ts';
import { runQmp } from '#host/qmp.ts';
import { PROGRAM, runBerth } from './berth.ts';
import { configPath, readConfig, resetNode, writeVmConfig } from './live-node.ts';
import { enterPrivateMounts } from './private-mounts.ts';
import { type QemuGuest, type QemuGuestOptions, startQemuGuest } from './qemu-guest.ts';
import { maskOf, masksByRole, onlineCpus } from './thread-masks.ts';

const guests: QemuGuest[] = [];
const agents: ChildProcess[] = [];
let host: Host;
let online = '';

beforeAll(() => {
  enterPrivateMounts();
  host = openHost('/');
  online = encodeIdList(onlineCpus());
});

beforeEach(resetNode);

afterEach(async () => {
  for (const agent of agents.splice(0)) agent.kill('SIGKILL');
  for (const guest of guests.splice(0)) await guest.stop();
});

function start(options: QemuGuestOptions): QemuGuest {
  const guest = startQemuGuest(options);
  guests.push(guest);
  return guest;
}

/** Guest 100 is placed on a CPU of its own, and stopped. */
async function placeGuest(cores = 1): Promise<void> {
  writeVmConfig(100, { cores });
  const guest = start({ vmid: 100, cores, vcpus: 1 });
  expect(runBerth(['policy', 'set', '100', 'class=dedicated'])).toMatchObject({ code: 0 });
  expect(runBerth(['apply', '--yes'])).toMatchObject({ code: 0 });
  await guest.stop();
}

/** A long period, so that what happens soon happens by an event. */
function startAgent(...options: string[]): {
  child: ChildProcess;
  output: () => string;
  ended: Promise<number | null>;
} {
  const child = spawn(process.execPath, [PROGRAM, 'agent', ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  agents.push(child);
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  const ended = new Promise<number | null>(resolve => child.on('close', resolve));
  return { child, output: () => output, ended };
}

const vcpuMasks = async (guest: QemuGuest): Promise<readonly string[]> => (await masksByRole(guest, host)).vcpus;

const SOON = { timeout: 8000, interval: 20 };

describe('berth agent', () => {
  it('pins a placed guest when it starts, without waiting for its period', async () => {
    await placeGuest();
    const agent = startAgent('--period', '3600');
    const guest = start({ vmid: 100, cores: 1 });
    await expect.poll(() => vcpuMasks(guest), SOON).toEqual(['1']);
    await expect.poll(() => agent.output(), SOON).toContain('VM 100: vCPU 0→1; ');
    expect(runBerth(['verify']).stdout).not.toContain('[vcpu-mask]');
  });

  it('puts back what a stranger changed, within its period', async () => {
    await placeGuest();
    const guest = start({ vmid: 100, cores: 1 });
    startAgent('--period', '0.2');
    await expect.poll(() => vcpuMasks(guest), SOON).toEqual(['1']);
    expect(spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', online, `${guest.pid}`]).status).toBe(0);
    await expect.poll(() => vcpuMasks(guest), SOON).toEqual(['1']);
    await expect.poll(() => maskOf(guest.pid, guest.pid), SOON).toBe('0');
  });

  it('keeps a guest that nobody placed off dedicated CPUs, and otherwise leaves it alone', async () => {
    await placeGuest();
    const placed = start({ vmid: 100, cores: 1 });
    writeVmConfig(300, { cores: 2 });
    const stranger = start({ vmid: 300, cores: 2 });
    startAgent('--period', '0.2');
    const free = encodeIdList(parseCpuList(online).difference(parseCpuList('1')));
    await expect.poll(() => vcpuMasks(stranger), SOON).toEqual([free, free]);
    await expect.poll(() => vcpuMasks(placed), SOON).toEqual(['1']);
  });

  it('gives a VM that arrives what is free, when the policy says so, and gives it back when it has left', async () => {
    const policy = 'onArrival: place\nguests:\n  100: { class: dedicated }\n';
    host.replaceFile('/etc/pve/berth/policy.yaml', policy);
    const agent = startAgent('--period', '0.2');
    // As in a live migration: QEMU runs here, and its config comes when the migration has ended.
    const guest = start({ vmid: 100, cores: 1 });
    await new Promise(resolve => setTimeout(resolve, 600));
    expect(await vcpuMasks(guest)).toEqual([online]);
    const config = writeVmConfig(100, { cores: 1 });
    await expect.poll(() => vcpuMasks(guest), SOON).toEqual(['1']);
    expect(agent.output()).toContain('VM 100 came without a placement and has one now: vCPU 0→1');
    expect(readConfig(100)).toBe(config);
    expect(runBerth(['history']).stdout).toContain('VM 100 arrived, placed by the agent');
    expect(runBerth(['verify'])).toMatchObject({ code: 0 });
    await guest.stop();
    rmSync(configPath(100));
    await expect.poll(() => agent.output(), SOON).toContain('VM 100 is on this node no more: its CPUs are given back');
    expect(runBerth(['history']).stdout).toContain('VM 100 left, its CPUs given back');
  });

  it('leaves another guest alone that has got the VMID: the placement is not about it', async () => {
    await placeGuest();
    const other = readConfig(100).replace(/uuid=\S+/, 'uuid=11111111-2222-4333-8444-555555555555');
    host.replaceFile(configPath(100), other);
    const guest = start({ vmid: 100, cores: 1 });
    expect(runBerth(['agent', '--once'])).toMatchObject({ code: 0, stdout: '' });
    expect(await vcpuMasks(guest)).toEqual([online]);
  });

  it('is the only one on its node, and `berth status` knows it', async () => {
    await placeGuest();
    const agent = startAgent('--period', '3600');
    await expect.poll(() => runBerth(['status']).stdout, SOON).toContain(`runs (process ${agent.child.pid})`);
    const second = startAgent('--period', '3600');
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain(
      `An agent runs already: Cannot lock /run/berth/agent.lock: process ${agent.child.pid}`,
    );
    agent.child.kill('SIGKILL');
    await agent.ended;
    expect(runBerth(['status']).stdout).toContain('does not run: pins end with the guest');
  });

  it('leaves guests as they are when it ends, and ends at once', async () => {
    await placeGuest();
    const guest = start({ vmid: 100, cores: 1 });
    const { child, ended } = startAgent('--period', '3600');
    await expect.poll(() => vcpuMasks(guest), SOON).toEqual(['1']);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(await vcpuMasks(guest)).toEqual(['1']);
  });

  it('does nothing without a placement, nor after undo', async () => {
    writeVmConfig(100, { cores: 1 });
    const guest = start({ vmid: 100, cores: 1 });
    expect(runBerth(['agent', '--once'])).toMatchObject({ code: 0, stdout: '' });
    expect(runBerth(['policy', 'set', '100', 'class=dedicated'])).toMatchObject({ code: 0 });
    startAgent('--period', '0.2');
    expect(runBerth(['apply', '--yes'])).toMatchObject({ code: 0 });
    expect(await vcpuMasks(guest)).toEqual(['1']);
    expect(runBerth(['undo', '--yes'])).toMatchObject({ code: 0 });
    await new Promise(resolve => setTimeout(resolve, 600));
    expect(await vcpuMasks(guest)).toEqual([online]);
  });

  it('says which guest it cannot ask, goes on with the others, and says when that is over', async () => {
    await placeGuest();
    const guest = start({ vmid: 100, cores: 1 });
    writeVmConfig(300, { cores: 1 });
    const silent = start({ vmid: 300, cores: 1 });
    process.kill(silent.pid, 'SIGSTOP');
    const agent = startAgent('--period', '0.3');
    await expect.poll(() => vcpuMasks(guest), { timeout: 20_000 }).toEqual(['1']);
    await expect.poll(() => agent.output(), { timeout: 20_000 }).toMatch(/VM 300: .*QMP/);
    process.kill(silent.pid, 'SIGCONT');
    await expect.poll(() => agent.output(), { timeout: 20_000 }).toContain('VM 300: is right again');
    expect(await runQmp(silent.qmpSocket, [{ execute: 'query-status' }])).toHaveLength(1);
  });
});
