// What systemd is told, by a socket as it makes one.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectSystemd } from './notify-systemd.ts';

/** Node has no datagram sockets in the file system, so python3 listens; it prints one datagram. */
async function listen(): Promise<{ path: string; received: Promise<string> }> {
  const directory = mkdtempSync(join(tmpdir(), 'berth-notify-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'socket');
  const program = `import socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(${JSON.stringify(path)}); print(s.recv(4096).decode(), end='')`;
  const child = spawn('python3', ['-c', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', chunk => {
    text += chunk;
  });
  const received = new Promise<string>(resolve => child.on('close', () => resolve(text)));
  await expect.poll(() => existsSync(path), { timeout: 10_000 }).toBe(true);
  return { path, received };
}

describe('connectSystemd()', () => {
  it('sends all states in one datagram', async () => {
    const { path, received } = await listen();
    connectSystemd({ NOTIFY_SOCKET: path }, 1).notify('READY=1', 'STATUS=über');
    expect(await received).toBe('READY=1\nSTATUS=über');
  });

  it.each([
    ['no socket', {}],
    ['a socket that nobody listens on', { NOTIFY_SOCKET: '/nonexistent/socket' }],
    ['an address that is none', { NOTIFY_SOCKET: 'vsock:2:1234' }],
  ])('does nothing with %s', (_, env) => {
    expect(() => connectSystemd(env, 1).notify('READY=1')).not.toThrow();
  });

  it.each([
    ['half of its limit', { WATCHDOG_USEC: '60000000' }, 30_000],
    ['a limit meant for us', { WATCHDOG_USEC: '2000', WATCHDOG_PID: '7' }, 1],
    ['none that is meant for another process', { WATCHDOG_USEC: '2000', WATCHDOG_PID: '8' }, null],
    ['none without a limit', {}, null],
    ['none for a limit that is no number', { WATCHDOG_USEC: 'soon' }, null],
  ])('takes %s as watchdog period', (_, env, expected) => {
    expect(connectSystemd(env, 7).watchdogMs).toBe(expected);
  });
});
