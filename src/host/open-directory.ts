// Opens a directory for writing into it, making Berth's own directories where they are missing.
import { mkdirSync } from 'node:fs';
import { constants } from 'node:os';
import { posix } from 'node:path';
import { withContainedFile } from './contained-file.ts';
import { errnoOf } from './errno.ts';

const { ENOENT, EEXIST } = constants.errno;

const OWN_DIRECTORIES = ['/var/lib/berth', '/run/berth', '/etc/pve/berth', '/run/systemd/system/irqbalance.service.d'];
/** A captured tree may lack them; a live host never does. `/etc/pve` is missing here on purpose: without Proxmox there is nothing to put in it. */
const PARENTS = ['/var', '/var/lib', '/run', '/run/systemd', '/run/systemd/system'];

/** Journals hold guest configs: nobody but root reads them. pmxcfs has its own modes and ignores this one. */
const DIRECTORY_MODE = 0o700;

/** As `withContainedFile`, for a directory that will be written to. */
export function withDirectory<T>(root: string, path: string, use: (bound: string) => T): T {
  if (mayMake(path)) makeDirectory(root, path);
  return withContainedFile(root, path, use);
}

function mayMake(path: string): boolean {
  return PARENTS.includes(path) || OWN_DIRECTORIES.some(own => path === own || path.startsWith(`${own}/`));
}

function makeDirectory(root: string, path: string): void {
  try {
    withContainedFile(root, path, () => {});
  } catch (error) {
    if (errnoOf(error) !== ENOENT) throw error;
    withDirectory(root, posix.dirname(path), parent => mkdirUnlessThere(`${parent}/${posix.basename(path)}`));
  }
}

function mkdirUnlessThere(path: string): void {
  try {
    mkdirSync(path, DIRECTORY_MODE);
  } catch (error) {
    if (errnoOf(error) !== EEXIST) throw error;
  }
}
