// Locks keep others out, name their holder and follow no links.
import { mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeTemporaryTree } from '#fixtures/temporary-tree.ts';
import { lockFile } from './lock.ts';
import { openHost } from './open-host.ts';

const LOCK = '/run/berth/lock';

describe('lockFile()', () => {
  it('keeps a second one out, naming the holder, until it is released', () => {
    const host = openHost(makeTemporaryTree());
    const lock = lockFile(host, LOCK);
    expect(() => lockFile(host, LOCK)).toThrow(
      expect.objectContaining({
        reason: 'busy',
        message: `Cannot lock ${host.root}${LOCK}: process ${process.pid} holds it`,
      }),
    );
    lock.release();
    lockFile(host, LOCK).release();
  });

  it('holds the pid only while it is held, for root to read', () => {
    const host = openHost(makeTemporaryTree());
    const lock = lockFile(host, LOCK);
    expect(readFileSync(host.root + LOCK, 'latin1')).toBe(`${process.pid}\n`);
    expect(statSync(host.root + LOCK).mode & 0o777).toBe(0o600);
    lock.release();
    expect(readFileSync(host.root + LOCK, 'latin1')).toBe('');
  });

  it('takes over the file that a crash left', () => {
    const host = openHost(makeTemporaryTree({ 'run/berth/lock': '4194304999\n' }));
    const lock = lockFile(host, LOCK);
    expect(readFileSync(host.root + LOCK, 'latin1')).toBe(`${process.pid}\n`);
    lock.release();
  });

  it('does not follow a link', () => {
    const root = makeTemporaryTree({ 'run/victim': 'kept' });
    mkdirSync(`${root}/run/berth`);
    symlinkSync('../victim', root + LOCK);
    expect(() => lockFile(openHost(root), LOCK)).toThrow(`Cannot lock ${root}${LOCK}`);
    expect(readFileSync(`${root}/run/victim`, 'latin1')).toBe('kept');
  });

  it('makes no directory that is not Berth’s', () => {
    const lock = () => lockFile(openHost(makeTemporaryTree()), '/var/lock/qemu-server/lock-100.conf');
    expect(lock).toThrow(expect.objectContaining({ reason: 'missing' }));
  });
});
