// GRUB's own programs, from Debian's packages: downloaded and unpacked into a cache, never installed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const PACKAGES = ['grub-common', 'grub2-common'];

/** The directory that holds their `usr` and `etc`. @throws Error with the words of the program that failed. */
export function findGrubPackage(): string {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'berth');
  const directory = join(cache, 'grub');
  if (existsSync(directory)) return directory;
  mkdirSync(cache, { recursive: true });
  const scratch = mkdtempSync(join(cache, 'grub-'));
  try {
    downloadPackages(scratch);
    const archives = readdirSync(scratch).filter(name => name.endsWith('.deb'));
    for (const archive of archives) run(scratch, 'dpkg-deb', '--extract', archive, 'unpacked');
    renameSync(join(scratch, 'unpacked'), directory);
    return directory;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The machine's package lists may be absent or old: then they are fetched, once. */
function downloadPackages(scratch: string): void {
  try {
    run(scratch, 'apt-get', 'download', ...PACKAGES);
  } catch {
    run(scratch, 'apt-get', 'update');
    run(scratch, 'apt-get', 'download', ...PACKAGES);
  }
}

function run(directory: string, program: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(program, args, { cwd: directory, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed: ${stderr}`);
}
