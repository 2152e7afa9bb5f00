// Where Proxmox's commands are looked for, and where not.
import { chmodSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { makeTemporaryTree } from '#fixtures/temporary-tree.ts';
import { openHost } from './open-host.ts';
import { findPct, findQm } from './proxmox-command.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('findQm()', () => {
  it('finds the first program of that name in PATH', () => {
    const directory = makeTemporaryTree({ 'empty/x': '', 'data/qm': '', 'bin/qm': '' });
    chmodSync(`${directory}/bin/qm`, 0o755);
    vi.stubEnv('PATH', `/nonexistent::${directory}/empty:${directory}/data:${directory}/bin`);
    expect(findQm(openHost('/'))).toBe(`${directory}/bin/qm`);
    expect(findPct(openHost('/'))).toBeNull();
  });

  it('finds none for a captured tree', () => {
    const root = makeTemporaryTree({ 'bin/qm': '' });
    chmodSync(`${root}/bin/qm`, 0o755);
    vi.stubEnv('PATH', `${root}/bin`);
    expect(findQm(openHost(root))).toBeNull();
  });

  it('ignores directories that depend on where it is run', () => {
    vi.stubEnv('PATH', '.:bin');
    expect(findQm(openHost('/'))).toBeNull();
  });
});
