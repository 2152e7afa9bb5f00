// Replaces whole files so that readers, and a crash at any moment, see the old text or the new one and nothing else.
import {
  closeSync,
  fchmodSync,
  constants as fsConstants,
  fsyncSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';
import { posix } from 'node:path';
import { invariant } from '#domain/errors.ts';
import { hostPath } from './contained-file.ts';
import { errnoOf, hostErrorFrom } from './errno.ts';
import { HostError } from './host-error.ts';
import { withDirectory } from './open-directory.ts';

const { EINVAL, ENOSYS, EOPNOTSUPP } = constants.errno;
const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = fsConstants;

/** Guest configs can hold passwords: a file that was not there before is for root alone, unless the caller says more. */
const NEW_FILE_MODE = 0o600;

export interface Replacement {
  readonly path: string;
  /** One character per byte; null removes the file. */
  readonly text: string | null;
  /** Default: the mode that the file has. Without effect in `/etc/pve`, where Proxmox decides. */
  readonly mode?: number | undefined;
}

/** @throws HostError `full` without leaving a temporary file, `denied` also for symlinks. */
export function replaceFile(root: string, { path, text, mode }: Replacement): void {
  invariant(text === null || !/[^\x00-\xff]/.test(text), `text for ${path} is not latin1`);
  const shown = hostPath(root, path);
  try {
    withDirectory(root, posix.dirname(path), directory => {
      const file = `${directory}/${posix.basename(path)}`;
      const existingMode = modeOfFile(file, shown);
      if (text === null) {
        if (existingMode === null) return;
        unlinkSync(file);
      } else {
        // The kernel's file systems and pmxcfs both rename atomically; `.tmp.PID` is the name that Proxmox's own tools use.
        const temporary = `${file}.tmp.${process.pid}`;
        rmSync(temporary, { force: true });
        try {
          writeDurably(temporary, text, mode ?? existingMode ?? NEW_FILE_MODE, !path.startsWith('/etc/pve/'));
          renameSync(temporary, file);
        } catch (error) {
          rmSync(temporary, { force: true });
          throw error;
        }
      }
      syncDirectory(directory);
    });
  } catch (error) {
    const failure = hostErrorFrom(`Cannot ${text === null ? 'remove' : 'write'} ${shown}`, error);
    if (failure.reason !== 'denied' || !shown.startsWith('/etc/pve/')) throw failure;
    throw new HostError('denied', `${failure.message} (/etc/pve is read-only without quorum: see \`pvecm status\`)`, {
      cause: error,
    });
  }
}

/** Null when there is no such file. */
function modeOfFile(file: string, shown: string): number | null {
  const stats = lstatSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return null;
  if (stats.isSymbolicLink()) throw new HostError('denied', `Refused to write ${shown}: it is a symlink`);
  if (!stats.isFile()) throw new HostError('failed', `Cannot write ${shown}: not a regular file`);
  return stats.mode & 0o7777;
}

/** `exactMode` sets the mode whatever the umask; pmxcfs refuses chmod. */
function writeDurably(file: string, text: string, mode: number, exactMode: boolean): void {
  const fd = openSync(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  try {
    if (exactMode) fchmodSync(fd, mode);
    writeFileSync(fd, text, 'latin1');
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Makes the rename itself survive a power cut; file systems that cannot do it for directories say EINVAL and the like. */
function syncDirectory(directory: string): void {
  const fd = openSync(directory, 'r');
  try {
    fsyncSync(fd);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== EINVAL && errno !== ENOSYS && errno !== EOPNOTSUPP) throw error;
  } finally {
    closeSync(fd);
  }
}
