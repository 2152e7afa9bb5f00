// Files of a host: what is read and written, and that nothing leads out of a captured tree.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeTemporaryTree } from '#fixtures/temporary-tree.ts';
import { HostError } from './host-error.ts';
import { openHost } from './open-host.ts';

const reason = (expected: string) => expect.objectContaining({ reason: expected });

describe('openHost()', () => {
  it('rejects a directory that does not exist', () => {
    expect(() => openHost('/nonexistent')).toThrow('Cannot open host /nonexistent: no such file or directory');
  });

  it('rejects a file', () => {
    const root = makeTemporaryTree({ file: '' });
    expect(() => openHost(`${root}/file`)).toThrow('not a directory');
  });

  it('knows the live host from a captured one', () => {
    expect(openHost('/')).toMatchObject({ root: '/', simulated: false });
    expect(openHost('/../')).toMatchObject({ root: '/', simulated: false });
    const root = makeTemporaryTree();
    expect(openHost(root)).toMatchObject({ root, simulated: true });
  });
});

describe('read()', () => {
  it('returns one character per byte', () => {
    const root = makeTemporaryTree({ 'etc/hostname': 'n\xfcrnberg\n' });
    expect(openHost(root).read('/etc/hostname')).toBe('n\xfcrnberg\n');
  });

  it('returns null for what is not there', () => {
    const host = openHost(makeTemporaryTree({ file: '' }));
    expect(host.read('/nowhere')).toBeNull();
    expect(host.read('/file/below')).toBeNull();
  });

  it('reads the live kernel', () => {
    expect(openHost('/').read(`/proc/${process.pid}/stat`)).toMatch(new RegExp(`^${process.pid} \\(`));
  });

  it('rejects a directory, naming it', () => {
    const root = makeTemporaryTree({ 'sys/a/b': '' });
    expect(() => openHost(root).read('/sys/a')).toThrow(`Cannot read ${root}/sys/a: not a regular file`);
  });

  it('does not hang on a pipe', () => {
    const root = makeTemporaryTree();
    spawnSync('mkfifo', [`${root}/pipe`]);
    expect(() => openHost(root).read('/pipe')).toThrow('not a regular file');
  });

  it('follows links inside the tree', () => {
    const root = makeTemporaryTree({ 'sys/devices/cpu0/id': '7' });
    mkdirSync(`${root}/sys/bus`);
    symlinkSync('../devices/cpu0', `${root}/sys/bus/cpu0`);
    expect(openHost(root).read('/sys/bus/cpu0/id')).toBe('7');
  });
});

describe('list()', () => {
  it('returns sorted names, none for what is no directory', () => {
    const host = openHost(makeTemporaryTree({ 'd/b': '', 'd/a': '', 'd/10': '' }));
    expect(host.list('/d')).toEqual(['10', 'a', 'b']);
    expect(host.list('/nowhere')).toEqual([]);
    expect(host.list('/d/a')).toEqual([]);
  });
});

describe('a captured tree with hostile links', () => {
  function makeHostileTree() {
    const outside = makeTemporaryTree({ 'secret/file': 'secret' });
    const root = makeTemporaryTree({ 'etc/kept': '' });
    const name = outside.split('/').at(-1);
    symlinkSync(`${outside}/secret`, `${root}/etc/absolute`);
    symlinkSync(`../../${name}/secret`, `${root}/etc/relative`);
    symlinkSync(`${outside}/secret/file`, `${root}/etc/file`);
    mkdirSync(`${root}/var/lib`, { recursive: true });
    symlinkSync(`${outside}/secret`, `${root}/var/lib/berth`);
    return { host: openHost(root), outside, root };
  }

  it.each(['/etc/absolute/file', '/etc/relative/file', '/etc/file', '/etc/absolute/../secret/file'])(
    'is not left to read %s',
    path => {
      const { host, outside } = makeHostileTree();
      expect(() => host.read(path)).toThrow(reason('denied'));
      expect(() => host.read(path)).toThrow(`leads out of the tree, to ${outside}/secret/file`);
    },
  );

  it('is not left by a path that climbs', () => {
    const { host, outside } = makeHostileTree();
    expect(() => host.read(`/../${outside.split('/').at(-1)}/secret/file`)).toThrow(reason('denied'));
  });

  it('is not left for a root that only begins alike', () => {
    const root = makeTemporaryTree({ 'tree/a': '', 'tree-2/file': 'secret' });
    symlinkSync('../tree-2/file', `${root}/tree/link`);
    expect(() => openHost(`${root}/tree`).read('/link')).toThrow(reason('denied'));
  });

  it('is not left to list', () => {
    expect(() => makeHostileTree().host.list('/etc/relative')).toThrow(reason('denied'));
  });

  it.each([
    '/etc/absolute/new',
    '/etc/relative/file',
    '/etc/file',
    '/var/lib/berth/placement.json',
    '/var/lib/berth/journal/1',
  ])('is not left to write %s', path => {
    const { host, outside } = makeHostileTree();
    expect(() => host.replaceFile(path, 'mine')).toThrow(reason('denied'));
    expect(readdirSync(`${outside}/secret`)).toEqual(['file']);
    expect(readFileSync(`${outside}/secret/file`, 'latin1')).toBe('secret');
  });

  it('is not left to remove a file', () => {
    const { host, outside } = makeHostileTree();
    expect(() => host.replaceFile('/etc/absolute/file', null)).toThrow(reason('denied'));
    expect(existsSync(`${outside}/secret/file`)).toBe(true);
  });

  it('does not change a hard-linked file elsewhere', () => {
    const { host, outside, root } = makeHostileTree();
    linkSync(`${outside}/secret/file`, `${root}/etc/hard`);
    host.writeKernelFile('/etc/hard', 'mine');
    expect(host.read('/etc/hard')).toBe('mine\n');
    expect(readFileSync(`${outside}/secret/file`, 'latin1')).toBe('secret');
  });
});

describe('replaceFile()', () => {
  it('makes Berth’s own directories and no others', () => {
    const root = makeTemporaryTree({ 'etc/pve/.version': '' });
    const host = openHost(root);
    for (const path of ['/var/lib/berth/journal/1.json', '/run/berth/x', '/etc/pve/berth/nodes/n/placement.json']) {
      host.replaceFile(path, 'text');
      expect(host.read(path)).toBe('text');
    }
    expect(() => host.replaceFile('/var/lib/other/file', 'text')).toThrow(reason('missing'));
    expect(() => host.replaceFile('/etc/pve/nodes/n/x', 'text')).toThrow(reason('missing'));
  });

  it('does not pretend that there is a cluster file system', () => {
    const host = openHost(makeTemporaryTree({ 'etc/hostname': 'n' }));
    expect(() => host.replaceFile('/etc/pve/berth/policy.yaml', '')).toThrow(reason('missing'));
  });

  it('writes bytes, and leaves only the file behind', () => {
    const root = makeTemporaryTree({ 'etc/file': 'old and longer' });
    openHost(root).replaceFile('/etc/file', 'n\xfc');
    expect(readFileSync(`${root}/etc/file`)).toEqual(Buffer.from([0x6e, 0xfc]));
    expect(readdirSync(`${root}/etc`)).toEqual(['file']);
  });

  it('rejects characters that are no bytes', () => {
    expect(() => openHost(makeTemporaryTree({ 'etc/file': '' })).replaceFile('/etc/file', '→')).toThrow('not latin1');
  });

  it('keeps the mode of a file, sets the one it is given, and lets only root read a new one', () => {
    const root = makeTemporaryTree({ 'etc/kept': '', 'etc/given': '' });
    const host = openHost(root);
    chmodSync(`${root}/etc/kept`, 0o646);
    host.replaceFile('/etc/kept', 'x');
    host.replaceFile('/etc/given', 'x', 0o666);
    host.replaceFile('/etc/new', 'x');
    const modes = ['kept', 'given', 'new'].map(name => statSync(`${root}/etc/${name}`).mode & 0o777);
    expect(modes).toEqual([0o646, 0o666, 0o600]);
  });

  it('removes a file, and is content when there is none', () => {
    const root = makeTemporaryTree({ 'etc/file': 'x' });
    const host = openHost(root);
    host.replaceFile('/etc/file', null);
    expect(readdirSync(`${root}/etc`)).toEqual([]);
    host.replaceFile('/etc/file', null);
  });

  it('refuses a link even when it stays inside', () => {
    const root = makeTemporaryTree({ 'etc/file': 'x' });
    symlinkSync('file', `${root}/etc/link`);
    expect(() => openHost(root).replaceFile('/etc/link', 'y')).toThrow('it is a symlink');
    expect(readFileSync(`${root}/etc/file`, 'latin1')).toBe('x');
  });

  it('refuses a directory', () => {
    const host = openHost(makeTemporaryTree({ 'etc/file': 'x' }));
    expect(() => host.replaceFile('/etc', 'y')).toThrow('not a regular file');
  });

  it('replaces the left-over of an earlier process with the same pid, link or not', () => {
    const root = makeTemporaryTree({ 'etc/file': 'x', 'etc/victim': 'kept' });
    symlinkSync('victim', `${root}/etc/file.tmp.${process.pid}`);
    openHost(root).replaceFile('/etc/file', 'y');
    expect(readFileSync(`${root}/etc/file`, 'latin1')).toBe('y');
    expect(readFileSync(`${root}/etc/victim`, 'latin1')).toBe('kept');
    expect(readdirSync(`${root}/etc`)).toEqual(['file', 'victim']);
  });
});

describe('writeKernelFile()', () => {
  it('rejects a file that is not there', () => {
    const host = openHost(makeTemporaryTree({ 'sys/x': '' }));
    expect(() => host.writeKernelFile('/sys/y', '1')).toThrow(reason('missing'));
  });

  it('does not make files on the live host', () => {
    const root = makeTemporaryTree();
    expect(() => openHost('/').writeKernelFile(`${root}/new`, '1')).toThrow(HostError);
    expect(readdirSync(root)).toEqual([]);
  });

  it('writes in place on the live host', () => {
    const root = makeTemporaryTree();
    writeFileSync(`${root}/file`, '0');
    openHost('/').writeKernelFile(`${root}/file`, '1');
    expect(readFileSync(`${root}/file`, 'latin1')).toBe('1');
  });
});
