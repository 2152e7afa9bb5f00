// Gives a test file its own /run, /etc/pve and /var/lib/berth, so that it can use the live host's real paths and leave nothing behind.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readlinkSync } from 'node:fs';
import koffi from 'koffi';

const CLONE_NEWNS = 0x0002_0000;
const DIRECTORIES = ['/run', '/etc/pve', '/var/lib/berth'];
/** What Proxmox has below /run; `/var/run` and `/var/lock` are links into it. */
const RUN_DIRECTORIES = ['/run/qemu-server', '/run/lock', '/run/lock/lxc', '/run/lock/qemu-server'];

/**
 * Moves this process into a mount namespace of its own (as `unshare --mount --propagation private` does) and puts an empty tmpfs on each directory.
 * Call it once, in `beforeAll`. Programs started afterwards are inside too; everything is gone when the process ends.
 *
 * The namespace is the main thread's: use synchronous file functions and `node:child_process`, as Berth itself does.
 * `fs/promises` runs on other threads and would still see the machine's real directories.
 * @throws Error without root: these tests cannot do without it.
 */
export function enterPrivateMounts(): void {
  const outside = readlinkSync('/proc/thread-self/ns/mnt');
  const unshare = koffi.load('libc.so.6').func('int unshare(int flags)');
  if (unshare(CLONE_NEWNS) !== 0) throw new Error('Cannot make a mount namespace: these tests must run as root');
  // A mount in the machine's own namespace would hide its directories from everybody.
  if (readlinkSync('/proc/thread-self/ns/mnt') === outside) throw new Error('The mount namespace is still the old one');
  mount('--make-rprivate', '/');
  for (const directory of DIRECTORIES) {
    // The mount point itself is all that may be left on the machine: a bare directory.
    if (!existsSync(directory)) mkdirSync(directory, { recursive: true });
    mountTmpfs(directory, '64m');
  }
  for (const directory of RUN_DIRECTORIES) mkdirSync(directory, { recursive: true });
}

/** A small tmpfs fills up at once: for tests of a full disk. Only inside private mounts. */
export function mountTmpfs(directory: string, size: string): void {
  mount('-t', 'tmpfs', '-o', `size=${size},mode=755`, 'tmpfs', directory);
}

/** Takes away what `mountTmpfs` put there. */
export function unmount(directory: string): void {
  const { status, stderr } = spawnSync('umount', [directory], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`umount ${directory} failed: ${stderr}`);
}

/** The first of these directories that has a file counts; what is written goes to a tmpfs, or is refused. Only inside private mounts. */
export function mountOverlay(directory: string, layers: readonly string[], writes: 'kept' | 'refused'): void {
  const scratch = mkdtempSync('/run/overlay-');
  const upper = `upperdir=${scratch}/upper,workdir=${scratch}/work`;
  if (writes === 'kept') for (const name of ['upper', 'work']) mkdirSync(`${scratch}/${name}`);
  const options = [`lowerdir=${[...layers, directory].join(':')}`, ...(writes === 'kept' ? [upper] : [])];
  mount('-t', 'overlay', '-o', options.join(','), 'overlay', directory);
}

/** One file over another, which may be the kernel's. Only inside private mounts. */
export function mountFile(file: string, over: string): void {
  mount('--bind', file, over);
}

/** The kernel's trace events, which systemd mounts on an ordinary host. Only inside private mounts. */
export function mountTracefs(): void {
  mount('-t', 'tracefs', 'tracefs', '/sys/kernel/tracing');
}

function mount(...args: string[]): void {
  const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`mount ${args.join(' ')} failed: ${stderr}`);
}
