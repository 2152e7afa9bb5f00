// Advisory locks that other programs see: flock(2), which also guards Proxmox's own lock files.
import { closeSync, constants as fsConstants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { posix } from 'node:path';
import { hostPath } from './contained-file.ts';
import { hostErrorFrom, systemCallError } from './errno.ts';
import type { Host } from './host.ts';
import { HostError } from './host-error.ts';
import { withDirectory } from './open-directory.ts';
import { flockExclusive } from './system-calls.ts';

const { O_CREAT, O_NOFOLLOW, O_RDWR } = fsConstants;

export interface FileLock {
  /** The lock also ends with the process, however it ends. */
  release(): void;
}

/**
 * Takes an exclusive lock without waiting. The file stays, holding our pid while we hold the lock.
 * @throws HostError `busy`, naming the holder when the file says who it is.
 */
export function lockFile(host: Host, path: string): FileLock {
  const shown = hostPath(host.root, path);
  try {
    const fd = withDirectory(host.root, posix.dirname(path), directory =>
      openSync(`${directory}/${posix.basename(path)}`, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600),
    );
    try {
      takeLock(fd, shown);
      ftruncateSync(fd);
      writeSync(fd, `${process.pid}\n`, 0);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    return {
      release: () => {
        ftruncateSync(fd);
        closeSync(fd);
      },
    };
  } catch (error) {
    throw hostErrorFrom(`Cannot lock ${shown}`, error);
  }
}

function takeLock(fd: number, shown: string): void {
  const errno = flockExclusive(fd);
  if (errno === 0) return;
  if (errno !== constants.errno.EAGAIN) throw systemCallError(`Cannot lock ${shown}`, errno);
  // Proxmox's tools do not write their pid.
  const pid = /^(\d+)\n$/.exec(readFileSync(fd, 'latin1'))?.[1];
  const holder = pid === undefined ? 'another process' : `process ${pid}`;
  throw new HostError('busy', `Cannot lock ${shown}: ${holder} holds it`);
}
