// The hookscript as Proxmox calls it: with real QEMU processes, silent ones, chained scripts, and without berth.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeIdList } from '#domain/id-list.ts';
import type { Host } from '#host/host.ts';
import { openHost } from '#host/open-host.ts';
import { PROGRAM, runBerth } from './berth.ts';
import { configPath, readConfig, resetNode, writeVmConfig } from './live-node.ts';
import { enterPrivateMounts } from './private-mounts.ts';
import { type QemuGuest, startQemuGuest } from './qemu-guest.ts';
import { masksByRole, onlineCpus } from './thread-masks.ts';

const SNIPPET = fileURLToPath(new URL('../packaging/hook/berth-hook.sh', import.meta.url));
const OWN_SCRIPT = '/run/own-hook.sh';
const guests: QemuGuest[] = [];
let host: Host;
let online = '';

beforeAll(() => {
  enterPrivateMounts();
  host = openHost('/');
  online = encodeIdList(onlineCpus());
});

beforeEach(resetNode);

afterEach(async () => {
  for (const guest of guests.splice(0)) await guest.stop();
  rmSync('/etc/pve/ha', { recursive: true, force: true });
});

function start(vmid: number): QemuGuest {
  const guest = startQemuGuest({ vmid, cores: 1 });
  guests.push(guest);
  return guest;
}

/** Guest 100 is placed on CPU 1, and stopped. */
async function placeGuest(...wishes: string[]): Promise<void> {
  writeVmConfig(100, { cores: 1 });
  const guest = start(100);
  expect(runBerth(['policy', 'set', '100', 'class=dedicated', ...wishes])).toMatchObject({ code: 0 });
  expect(runBerth(['apply', '--yes'])).toMatchObject({ code: 0 });
  await guest.stop();
}

/** As a worker of Proxmox does: its output is read until everybody has closed it. */
function callSnippet(phase: string, { berth = true, vmid = '100' } = {}) {
  const path = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', dirname(process.execPath)];
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync(SNIPPET, [vmid, phase], {
    encoding: 'latin1',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { LC_ALL: 'C', PATH: [...(berth ? [dirname(PROGRAM)] : []), ...path].join(':') },
  });
  return { code: status, said: `${stdout}${stderr}`, seconds: (performance.now() - began) / 1000 };
}

/** The script that the guest had as its own. */
function chain(...lines: string[]): void {
  writeFileSync(OWN_SCRIPT, `#!/bin/sh\n${lines.join('\n')}\n`);
  chmodSync(OWN_SCRIPT, 0o755);
  mkdirSync('/etc/pve/berth/hooks', { recursive: true });
  writeFileSync('/etc/pve/berth/hooks/100', `volume: local:snippets/own-hook.sh\npath: ${OWN_SCRIPT}\n`);
}

const vcpuMasks = async (guest: QemuGuest): Promise<readonly string[]> => (await masksByRole(guest, host)).vcpus;

describe('the hookscript after a start', () => {
  it('pins the guest before the task ends, and says so there', async () => {
    await placeGuest();
    const guest = start(100);
    expect(await vcpuMasks(guest)).toEqual([online]);
    expect(callSnippet('post-start')).toMatchObject({
      code: 0,
      said: expect.stringContaining('berth: VM 100: vCPU 0'),
    });
    expect(await vcpuMasks(guest)).toEqual(['1']);
    expect(callSnippet('post-start')).toMatchObject({ code: 0, said: '' });
  });

  it('pins a guest that is just arriving: its config is still with the node that it comes from', async () => {
    await placeGuest();
    const source = configPath(100).replace(/nodes\/[^/]+/, 'nodes/elsewhere');
    mkdirSync(dirname(source), { recursive: true });
    renameSync(configPath(100), source);
    const guest = start(100);
    expect(callSnippet('post-start').code).toBe(0);
    expect(await vcpuMasks(guest)).toEqual(['1']);
  });

  it('keeps a guest that nobody placed off dedicated CPUs, and looks at no other', async () => {
    await placeGuest();
    const placed = start(100);
    writeVmConfig(300, { cores: 1 });
    const stranger = start(300);
    expect(callSnippet('post-start', { vmid: '300' }).code).toBe(0);
    expect(await vcpuMasks(stranger)).not.toContain(online);
    expect(await vcpuMasks(placed)).toEqual([online]);
  });

  it('does not hold up the task for a QEMU that says nothing', async () => {
    await placeGuest();
    const guest = start(100);
    process.kill(guest.pid, 'SIGSTOP');
    const { code, said, seconds } = callSnippet('post-start');
    process.kill(guest.pid, 'SIGCONT');
    expect(code).toBe(0);
    expect(said).toContain('The agent tries again.');
    expect(seconds).toBeLessThan(9);
  });

  it('does nothing for a phase that it does not know, nor for what is no VMID', async () => {
    await placeGuest();
    expect(callSnippet('pre-teleport')).toMatchObject({ code: 0, said: '' });
    expect(callSnippet('post-start', { vmid: '../100' })).toMatchObject({ code: 0 });
  });
});

describe('the hookscript before a start', () => {
  /** taskset will find none of its CPUs. */
  const spoil = (...lines: string[]) =>
    host.replaceFile(
      configPath(100),
      [`affinity: 4000`, ...lines, readConfig(100).replace(/^affinity:.*\n/m, '')].join('\n'),
    );

  it('says nothing while all is well', async () => {
    await placeGuest('strict=true');
    expect(callSnippet('pre-start')).toMatchObject({ code: 0, said: '' });
  });

  it('says what will go wrong, and lets Proxmox go on', async () => {
    await placeGuest();
    spoil();
    expect(callSnippet('pre-start')).toMatchObject({
      code: 0,
      said: expect.stringContaining('will not start: affinity'),
    });
  });

  it('stops the start of a strict placement, and tells the task why', async () => {
    await placeGuest('strict=true');
    spoil();
    expect(callSnippet('pre-start')).toMatchObject({
      code: 1,
      said: expect.stringContaining('its placement is strict'),
    });
    expect(runBerth(['hook', '100', 'pre-start']).code).toBe(2);
  });

  it('never stops a backup of a stopped guest', async () => {
    await placeGuest('strict=true');
    spoil('lock: backup');
    expect(callSnippet('pre-start')).toMatchObject({ code: 0, said: expect.stringContaining('will not start') });
  });

  it('never stops what high availability starts', async () => {
    await placeGuest('strict=true');
    spoil();
    mkdirSync('/etc/pve/ha', { recursive: true });
    writeFileSync('/etc/pve/ha/resources.cfg', 'vm: 100\n\tstate started\n');
    expect(callSnippet('pre-start').code).toBe(0);
  });

  it('has nothing to say of another guest with that VMID', async () => {
    await placeGuest('strict=true');
    spoil();
    host.replaceFile(configPath(100), readConfig(100).replace(/uuid=\S+/, 'uuid=11111111-2222-4333-8444-555555555555'));
    expect(callSnippet('pre-start')).toMatchObject({ code: 0, said: '' });
  });
});

describe('a hookscript that the guest had before', () => {
  it.each(['pre-start', 'post-start', 'pre-stop', 'post-stop'])('is called at %s, and its exit code counts', phase => {
    chain('echo "own: $1 $2"', 'exit 7');
    expect(callSnippet(phase)).toMatchObject({ code: 7, said: `own: 100 ${phase}\n` });
  });

  it('is called without berth too', () => {
    chain('echo own');
    expect(callSnippet('pre-start', { berth: false })).toMatchObject({ code: 0, said: 'own\n' });
  });

  it('stops the start when it is not there, as Proxmox would have', () => {
    chain('exit 0');
    rmSync(OWN_SCRIPT);
    expect(existsSync(OWN_SCRIPT)).toBe(false);
    expect(callSnippet('pre-start')).toMatchObject({ code: 1, said: expect.stringContaining(OWN_SCRIPT) });
  });

  it('leaves a strict placement its word when it agrees to the start', async () => {
    await placeGuest('strict=true');
    host.replaceFile(configPath(100), `affinity: 4000\n${readConfig(100).replace(/^affinity:.*\n/m, '')}`);
    chain('exit 0');
    expect(callSnippet('pre-start').code).toBe(1);
  });
});

describe('without berth', () => {
  it.each(['pre-start', 'post-start', 'pre-stop', 'post-stop', ''])('phase "%s" is passed', phase => {
    expect(callSnippet(phase, { berth: false })).toMatchObject({ code: 0, said: '' });
  });
});
