// Which modules a kernel needs, in the order in which they load: to see its file system over 9p, and for a few of its scenarios.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Built into some kernels, a module in others. */
const WANTED = ['virtio_pci', '9pnet_virtio', '9p', 'overlay', 'nvme', 'vhost_vsock', 'virtio_console'];

export interface KernelModule {
  readonly name: string;
  /** An uncompressed ELF file. */
  readonly content: Buffer;
}

/** Each module after those that it depends on, as its own `.modinfo` says; what the kernel has built in is left out. */
export function readModules(directory: string): readonly KernelModule[] {
  const files = new Map<string, string>();
  for (const entry of readdirSync(join(directory, 'kernel'), { recursive: true, encoding: 'utf8' })) {
    const name = /^(.+)\.ko(\.xz)?$/.exec(basename(entry))?.[1];
    if (name !== undefined) files.set(nameModule(name), join(directory, 'kernel', entry));
  }
  const loaded = new Map<string, KernelModule>();
  const load = (name: string) => {
    const file = files.get(nameModule(name));
    if (file === undefined || loaded.has(name)) return;
    const content = readModule(file);
    for (const dependency of listDependencies(content)) load(dependency);
    loaded.set(name, { name, content });
  };
  for (const name of WANTED) load(name);
  return [...loaded.values()];
}

/** The kernel treats `-` and `_` alike in module names. */
const nameModule = (name: string): string => name.replaceAll('-', '_');

function listDependencies(module: Buffer): readonly string[] {
  const list = /\0depends=([^\0]*)\0/.exec(module.toString('latin1'))?.[1] ?? '';
  return list.split(',').filter(name => name !== '');
}

function readModule(file: string): Buffer {
  if (!file.endsWith('.xz')) return readFileSync(file);
  const { status, stdout, stderr, error } = spawnSync('xz', ['--decompress', '--stdout', file], {
    maxBuffer: 64 << 20,
  });
  if (status !== 0) throw new Error(`xz could not unpack ${file}: ${error?.message ?? stderr.toString()}`);
  return stdout;
}
