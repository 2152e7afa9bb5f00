// What systemd is told, by a socket as it makes one.
import { describe, expect, it } from 'vitest';
import { listenDatagram } from '#fixtures/listen-datagram.ts';
import { connectSystemd } from './notify-systemd.ts';

describe('connectSystemd()', () => {
  it('sends all states in one datagram', async () => {
    const { path, received } = await listenDatagram();
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
