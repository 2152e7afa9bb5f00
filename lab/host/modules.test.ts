// Modules before those that need them, from a directory like a kernel's.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readModules } from './modules.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'berth-modules-'));
  mkdirSync(join(directory, 'kernel'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A module as far as we read one: its `.modinfo` among other bytes. */
function write(path: string, depends: string, extension = '.ko'): void {
  const file = join(directory, 'kernel', `${path}.ko`);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `\x7fELF\0\xff\0license=GPL\0depends=${depends}\0name=x\0\xfe`, 'latin1');
  if (extension === '.ko.xz') expect(spawnSync('xz', [file]).status).toBe(0);
}
const namesOf = () => readModules(directory).map(({ name }) => name);

describe('readModules()', () => {
  it('loads each module after those that it depends on, and each once', () => {
    write('fs/9p/9p', '9pnet,netfs');
    write('net/9p/9pnet_virtio', '9pnet,virtio,virtio_ring');
    write('net/9p/9pnet', '');
    write('fs/netfs/netfs', 'fscache');
    write('fs/fscache/fscache', '');
    write('drivers/virtio/virtio', '');
    write('drivers/virtio/virtio_ring', 'virtio');
    write('drivers/virtio/virtio_pci', 'virtio_ring,virtio');
    write('fs/overlayfs/overlay', '');
    expect(namesOf()).toEqual([
      ...['virtio', 'virtio_ring', 'virtio_pci', '9pnet', '9pnet_virtio', 'fscache', 'netfs', '9p', 'overlay'],
    ]);
  });

  it('leaves out what nobody needs', () => {
    write('fs/9p/9p', '');
    write('drivers/gpu/nouveau', '9p');
    expect(namesOf()).toEqual(['9p']);
  });

  it('leaves out what the kernel has built in', () => {
    write('fs/9p/9p', 'netfs');
    expect(namesOf()).toEqual(['9p']);
  });

  it('finds a module whose file is spelled with a dash', () => {
    write('fs/9p/9p', 'fs_cache');
    write('fs/fs-cache', '');
    expect(namesOf()).toEqual(['fs_cache', '9p']);
  });

  it('unpacks compressed ones', () => {
    write('fs/9p/9p', 'netfs', '.ko.xz');
    write('fs/netfs', '', '.ko.xz');
    expect(namesOf()).toEqual(['netfs', '9p']);
    expect(readModules(directory)[1]?.content.subarray(0, 4).toString('latin1')).toBe('\x7fELF');
  });

  it('takes a module without dependencies in its .modinfo for one that needs none', () => {
    write('fs/9p/9p', '');
    writeFileSync(join(directory, 'kernel/fs/9p/9p.ko'), '\x7fELF without words');
    expect(namesOf()).toEqual(['9p']);
  });

  it('names the file that cannot be unpacked', () => {
    mkdirSync(join(directory, 'kernel/fs'));
    writeFileSync(join(directory, 'kernel/fs/9p.ko.xz'), 'no archive');
    expect(namesOf).toThrow(/^xz could not unpack .*\/9p\.ko\.xz: .*File format not recognized/);
  });

  it('has none where a kernel has none', () => {
    expect(namesOf()).toEqual([]);
  });
});
