// The host's eyes and hands against a real kernel and a real QEMU.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { VmRuntime } from '#domain/guest.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { cpuSet } from '#domain/id-set.ts';
import { vmId } from '#domain/ids.ts';
import type { Host } from '#host/host.ts';
import { lockFile } from '#host/lock.ts';
import { openHost } from '#host/open-host.ts';
import { QMP_PATIENCE_MS, runQmp } from '#host/qmp.ts';
import { readResidentMiB, readVmRuntime } from '#host/read-vm-runtime.ts';
import { schedGetaffinity } from '#host/system-calls.ts';
import { readVmProcess } from '#host/vm-process.ts';
import { enterPrivateMounts, mountTmpfs } from './private-mounts.ts';
import { type QemuGuest, type QemuGuestOptions, startQemuGuest } from './qemu-guest.ts';
import { maskOf } from './thread-masks.ts';

let host: Host;
const guests: QemuGuest[] = [];

beforeAll(() => {
  enterPrivateMounts();
  host = openHost('/');
});

afterEach(async () => {
  for (const guest of guests.splice(0)) await guest.stop();
});

function startGuest(options: QemuGuestOptions): QemuGuest {
  const guest = startQemuGuest(options);
  guests.push(guest);
  return guest;
}

async function runtimeOf(guest: QemuGuest): Promise<VmRuntime> {
  const runtime = await readVmRuntime(host, vmId(guest.vmid));
  if (runtime === null) throw new Error(`guest ${guest.vmid} does not run`);
  return runtime;
}

/** A program that listens on a guest's QMP socket and does as told with each client. */
async function listenAs(vmid: number, serve: (socket: import('node:net').Socket) => void): Promise<Server> {
  const server = createServer(serve);
  await new Promise<void>(resolve => server.listen(`/run/qemu-server/${vmid}.qmp`, resolve));
  onTestFinished(() => {
    server.close();
  });
  return server;
}

describe('a running VM', () => {
  it('has its threads told apart by what QEMU says', async () => {
    const guest = startGuest({ vmid: 100, cores: 2, iothreads: ['iothread0', 'iothread-virtioscsi0'] });
    const { pid, startTime, threads } = await runtimeOf(guest);
    expect(pid).toBe(guest.pid);
    expect(startTime).toBeGreaterThan(0);
    const vcpus = threads.flatMap(({ role, name }) => (role.kind === 'vcpu' ? [{ index: role.index, name }] : []));
    expect(vcpus.sort((a, b) => a.index - b.index)).toEqual([
      { index: 0, name: 'CPU 0/TCG' },
      { index: 1, name: 'CPU 1/TCG' },
    ]);
    const iothreads = threads.flatMap(({ role, name }) => (role.kind === 'iothread' ? [{ id: role.id, name }] : []));
    expect(iothreads.map(({ id }) => id).sort()).toEqual(['iothread-virtioscsi0', 'iothread0']);
    // Its name does not fit into the kernel's 15 characters, so it has none of its own.
    expect(iothreads.find(({ id }) => id === 'iothread-virtioscsi0')?.name).not.toContain('iothread');
    const emulator = threads.filter(({ role }) => role.kind === 'emulator').map(({ tid }) => tid);
    expect(emulator).toContain(pid);
    expect(threads.map(({ tid }) => tid)).toEqual(
      readdirSync(`/proc/${pid}/task`)
        .map(Number)
        .sort((a, b) => a - b),
    );
  });

  it('starts with the affinity that taskset gives it', async () => {
    const guest = startGuest({ vmid: 100, affinity: '1' });
    const { threads } = await runtimeOf(guest);
    expect(new Set(threads.map(({ allowed }) => encodeIdList(allowed)))).toEqual(new Set(['1']));
  });

  it('can have one vCPU thread pinned, and no other thread changes', async () => {
    const guest = startGuest({ vmid: 100, affinity: '0-1' });
    const before = await runtimeOf(guest);
    const vcpu = before.threads.find(({ role }) => role.kind === 'vcpu' && role.index === 1);
    if (vcpu === undefined) throw new Error('no vCPU 1');
    host.setThreadAffinity({ pid: guest.pid, tid: vcpu.tid }, cpuSet([1]));
    expect(maskOf(guest.pid, vcpu.tid)).toBe('1');
    expect(schedGetaffinity(vcpu.tid)).toEqual(cpuSet([1]));
    for (const { tid, allowed } of (await runtimeOf(guest)).threads) {
      expect(encodeIdList(allowed), `thread ${tid}`).toBe(tid === vcpu.tid ? '1' : '0-1');
    }
  });

  it('refuses to be pinned to CPUs that do not exist', () => {
    const guest = startGuest({ vmid: 100 });
    const pin = () => host.setThreadAffinity({ pid: guest.pid, tid: guest.pid }, cpuSet([4000]));
    expect(pin).toThrow(expect.objectContaining({ reason: 'refused', message: expect.stringContaining('CPUs 4000') }));
  });

  it('shows a vCPU that was plugged while it runs', async () => {
    const guest = startGuest({ vmid: 100, cores: 2, vcpus: 1 });
    const indexes = async () =>
      (await runtimeOf(guest)).threads.flatMap(({ role }) => (role.kind === 'vcpu' ? [role.index] : []));
    expect(await indexes()).toEqual([0]);
    const device = { driver: 'qemu64-x86_64-cpu', id: 'cpu1', 'socket-id': 0, 'core-id': 1, 'thread-id': 0 };
    await runQmp(guest.qmpSocket, [{ execute: 'device_add', arguments: device }]);
    expect((await indexes()).sort((a, b) => a - b)).toEqual([0, 1]);
  });

  it('has its memory counted by node', () => {
    const guest = startGuest({ vmid: 100, paused: false });
    const resident = readResidentMiB(host, guest.pid);
    expect([...(resident ?? [])].reduce((sum, [, mib]) => sum + mib, 0)).toBeGreaterThan(8);
  });
});

describe('a VM that is not what its files say', () => {
  it('does not run when its pid file names another process', async () => {
    writeFileSync('/run/qemu-server/101.pid', `${process.pid}\n`);
    expect(readVmProcess(host, vmId(101))).toBeNull();
    expect(await readVmRuntime(host, vmId(101))).toBeNull();
  });

  it('does not run when its pid file names the QEMU of another VM', () => {
    const guest = startGuest({ vmid: 100 });
    writeFileSync('/run/qemu-server/101.pid', `${guest.pid}\n`);
    expect(readVmProcess(host, vmId(101))).toBeNull();
    expect(readVmProcess(host, vmId(100))?.pid).toBe(guest.pid);
  });

  it('does not run when it was killed and left its pid file', async () => {
    const guest = startGuest({ vmid: 100 });
    await guest.kill();
    expect(existsSync(guest.pidFile)).toBe(true);
    expect(await readVmRuntime(host, vmId(100))).toBeNull();
  });

  it('is gone when it was killed between being read and being pinned', async () => {
    const guest = startGuest({ vmid: 100 });
    const { pid, threads } = await runtimeOf(guest);
    await guest.kill();
    const vcpu = threads.find(({ role }) => role.kind === 'vcpu');
    const pin = () => host.setThreadAffinity({ pid, tid: vcpu?.tid ?? 0 }, cpuSet([0]));
    expect(pin).toThrow(expect.objectContaining({ reason: 'gone' }));
  });
});

describe('a QMP socket', () => {
  it('that never answers is given up in time', async () => {
    await listenAs(102, () => {});
    const started = Date.now();
    await expect(host.queryVmThreads(vmId(102))).rejects.toMatchObject({ reason: 'timeout' });
    expect(Date.now() - started).toBeLessThan(QMP_PATIENCE_MS + 1500);
  });

  it('that another client holds is given up with a hint, and answers when it is free again', async () => {
    const guest = startGuest({ vmid: 100 });
    const holder = connect(guest.qmpSocket);
    await new Promise(resolve => holder.once('data', resolve));
    const query = [{ execute: 'query-cpus-fast' }];
    await expect(runQmp(guest.qmpSocket, query, { timeoutMs: 300 })).rejects.toMatchObject({
      reason: 'timeout',
      message: expect.stringContaining('another client'),
    });
    holder.destroy();
    expect(await runQmp(guest.qmpSocket, query)).toHaveLength(1);
  });

  it('of a paused QEMU process is given up in time', async () => {
    const guest = startGuest({ vmid: 100 });
    process.kill(guest.pid, 'SIGSTOP');
    await expect(runQmp(guest.qmpSocket, [], { timeoutMs: 300 })).rejects.toMatchObject({ reason: 'timeout' });
    process.kill(guest.pid, 'SIGCONT');
    await expect(runQmp(guest.qmpSocket, [])).resolves.toEqual([]);
  });

  it('passes QEMU’s own error on', async () => {
    const guest = startGuest({ vmid: 100 });
    await expect(runQmp(guest.qmpSocket, [{ execute: 'make-coffee' }])).rejects.toMatchObject({
      reason: 'failed',
      message: expect.stringContaining('CommandNotFound'),
    });
  });

  it('without a QEMU behind it is refused', async () => {
    const guest = startGuest({ vmid: 100 });
    await guest.kill();
    await expect(runQmp(guest.qmpSocket, [])).rejects.toMatchObject({ reason: 'refused' });
  });

  it('that is a symlink or a plain file is not connected to', async () => {
    writeFileSync('/run/qemu-server/103.qmp', '');
    symlinkSync('/run/qemu-server/103.qmp', '/run/qemu-server/104.qmp');
    for (const id of [103, 104]) {
      await expect(host.queryVmThreads(vmId(id))).rejects.toThrow('not a socket');
    }
  });
});

describe('files of the live host', () => {
  it('leave nothing behind when the disk is full', () => {
    mkdirSync('/var/lib/berth/journal');
    mountTmpfs('/var/lib/berth/journal', '16k');
    const write = () => host.replaceFile('/var/lib/berth/journal/1.json', 'x'.repeat(100_000));
    expect(write).toThrow(expect.objectContaining({ reason: 'full' }));
    expect(readdirSync('/var/lib/berth/journal')).toEqual([]);
  });

  it('keep the old text when the disk is full', () => {
    mkdirSync('/var/lib/berth/kept');
    mountTmpfs('/var/lib/berth/kept', '16k');
    host.replaceFile('/var/lib/berth/kept/1.json', 'old');
    expect(() => host.replaceFile('/var/lib/berth/kept/1.json', 'x'.repeat(100_000))).toThrow('no space left');
    expect(readdirSync('/var/lib/berth/kept')).toEqual(['1.json']);
    expect(host.read('/var/lib/berth/kept/1.json')).toBe('old');
  });

  it('are locked against other programs', async () => {
    const lock = lockFile(host, '/var/lock/qemu-server/lock-100.conf');
    const other = () => spawnExit('flock', ['--nonblock', '/run/lock/qemu-server/lock-100.conf', 'true']);
    expect(await other()).toBe(1);
    lock.release();
    expect(await other()).toBe(0);
  });

  it('say who holds a lock', () => {
    const lock = lockFile(host, '/run/berth/lock');
    expect(() => lockFile(host, '/run/berth/lock')).toThrow(
      expect.objectContaining({ reason: 'busy', message: expect.stringContaining(`process ${process.pid}`) }),
    );
    lock.release();
  });
});

function spawnExit(program: string, args: readonly string[]): Promise<number | null> {
  return new Promise((resolve, reject) => {
    spawn(program, args, { stdio: 'ignore' }).on('exit', resolve).on('error', reject);
  });
}
