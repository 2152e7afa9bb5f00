// Reads texts and directories of a host tree.
import { fstatSync, readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { hostPath, withContainedFile } from './contained-file.ts';
import { errnoOf, hostErrorFrom } from './errno.ts';
import { HostError } from './host-error.ts';

const { ENODEV, ENOENT, ENOTDIR, ESRCH } = constants.errno;

/** No such file; or its process (ESRCH) or its cgroup (ENODEV) went away while it was read. */
const GONE: ReadonlyArray<number | null> = [ENOENT, ENOTDIR, ESRCH, ENODEV];

/** No file that Berth reads comes near it; guards against captured trees with absurd files. */
const LARGEST_FILE_BYTES = 64 * 1024 * 1024;

/** The text as latin1; null when there is no such file, or when the process that it described has ended (ESRCH). */
export function readText(root: string, path: string): string | null {
  try {
    return withContainedFile(root, path, (bound, fd) => {
      const stats = fstatSync(fd);
      if (!stats.isFile()) throw new HostError('failed', `Cannot read ${hostPath(root, path)}: not a regular file`);
      if (stats.size > LARGEST_FILE_BYTES) {
        throw new HostError('failed', `Cannot read ${hostPath(root, path)}: ${stats.size} bytes is absurdly large`);
      }
      return readFileSync(bound, 'latin1');
    });
  } catch (error) {
    const errno = errnoOf(error);
    if (GONE.includes(errno)) return null;
    throw hostErrorFrom(`Cannot read ${hostPath(root, path)}`, error);
  }
}

/** Names in a directory, sorted; none when there is no such directory. */
export function listDirectory(root: string, path: string): readonly string[] {
  try {
    return withContainedFile(root, path, bound => readdirSync(bound, 'latin1')).sort();
  } catch (error) {
    const errno = errnoOf(error);
    if (GONE.includes(errno)) return [];
    throw hostErrorFrom(`Cannot list ${hostPath(root, path)}`, error);
  }
}
