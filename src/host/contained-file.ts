// Opens files of a host tree without ever leaving it: a captured tree is untrusted and may hold any symlink.
import { closeSync, openSync, readlinkSync } from 'node:fs';
import { HostError } from './host-error.ts';

/** open(2): only names the file. Nothing is opened yet, so a link to a device or a pipe does no harm. */
const O_PATH = 0o10000000;

/** Where a tree's file is for the operating system, and in messages. */
export function hostPath(root: string, path: string): string {
  return root === '/' ? path : root + path;
}

/**
 * Follows `path`, checks where that led, and hands out a name that stays bound to that very file (`/proc/self/fd/N`), whatever happens to the links meanwhile.
 * @throws HostError `denied` when a link leaves the tree; Node's own error when there is no such file.
 */
export function withContainedFile<T>(root: string, path: string, use: (bound: string, fd: number) => T): T {
  const fd = openSync(hostPath(root, path), O_PATH);
  try {
    const bound = `/proc/self/fd/${fd}`;
    const target = readlinkSync(bound);
    if (!isInside(root, target)) {
      throw new HostError('denied', `Refused ${hostPath(root, path)}: it leads out of the tree, to ${target}`);
    }
    return use(bound, fd);
  } finally {
    closeSync(fd);
  }
}

function isInside(root: string, target: string): boolean {
  return root === '/' || target === root || target.startsWith(`${root}/`);
}
