// Kernels of the lab: Debian's packages, downloaded and unpacked into a cache, never installed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface LabKernel {
  /** As `uname -r` says it. */
  readonly release: string;
  readonly image: string;
  readonly modules: string;
}

/** The series that scenarios may name. Neither is Proxmox's own kernel: 6.12 behaves as its kernels since 6.2 do, 6.1 as those before. */
export const DEFAULT_SERIES = '6.12';

/** Where downloads are kept between runs. */
export const labCache = (): string =>
  process.env.BERTH_LAB_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'berth', 'lab');

/**
 * The newest kernel of a series ("6.12", "6.1"), from the cache or, if there is none, from Debian.
 * @throws Error naming the series that Debian offers here, or with the words of the program that failed.
 */
export function findKernel(series: string, tell: (progress: string) => void): LabKernel {
  const cache = join(labCache(), 'kernels');
  const cached = newestOf(series, listDirectory(cache));
  if (cached !== undefined) return describeKernel(cache, cached);
  const release = findOffered(series);
  tell(`downloading linux-image-${release} into ${cache} (about 100 MB)`);
  downloadKernel(cache, release);
  return describeKernel(cache, release);
}

/** Releases of a series, newest first by the numbers in them. */
export function newestOf(series: string, releases: readonly string[]): string | undefined {
  return releases
    .filter(release => new RegExp(`^${series.replaceAll('.', '\\.')}[.+-].*\\d.*-amd64$`).test(release))
    .sort(compareReleases)
    .at(-1);
}

function compareReleases(a: string, b: string): number {
  const [left, right] = [a, b].map(release => release.match(/\d+/g)?.map(Number) ?? []) as [number[], number[]];
  for (const [index, number] of left.entries()) {
    const difference = number - (right[index] ?? -1);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function findOffered(series: string): string {
  let offered = listOffered();
  if (offered.length === 0) {
    run('apt-get', ['update']);
    offered = listOffered();
  }
  const release = newestOf(series, offered);
  if (release !== undefined) return release;
  const known = [...new Set(offered.map(name => name.match(/^\d+\.\d+/)?.[0] ?? name))].sort();
  throw new Error(
    `Debian's package lists on this machine have no kernel of the series ${series} (linux-image-${series}…-amd64). ` +
      (known.length === 0 ? 'They have none at all: is this a Debian machine?' : `They have ${known.join(', ')}.`),
  );
}

/** Generic images alone: the cloud flavour has no 9p, and scenarios are not about the real-time one. */
const listOffered = (): readonly string[] =>
  run('apt-cache', ['search', '--names-only', '^linux-image-[0-9].*-amd64$'])
    .split('\n')
    .map(line => line.split(' ', 1)[0]?.replace(/^linux-image-/, '') ?? '')
    .filter(release => /^\d+\.\d+[^a-z]*(deb\d+)?-amd64$/.test(release) && !/^\d+\.\d+-amd64$/.test(release));

/** Complete or not there at all: unpacked beside its place, then renamed. */
function downloadKernel(cache: string, release: string): void {
  mkdirSync(cache, { recursive: true });
  const scratch = mkdtempSync(join(cache, '.new-'));
  try {
    run('apt-get', ['download', '--quiet', `linux-image-${release}`], scratch);
    const archive = readdirSync(scratch).find(name => name.endsWith('.deb'));
    if (archive === undefined) throw new Error(`apt-get download linux-image-${release} left no package`);
    run('dpkg', ['--extract', archive, 'unpacked'], scratch);
    if (!existsSync(join(cache, release))) renameSync(join(scratch, 'unpacked'), join(cache, release));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function describeKernel(cache: string, release: string): LabKernel {
  const root = join(cache, release);
  const kernel = {
    release,
    image: join(root, 'boot', `vmlinuz-${release}`),
    modules: join(root, 'lib/modules', release),
  };
  for (const path of [kernel.image, kernel.modules]) {
    if (!existsSync(path)) throw new Error(`The kernel in ${root} lacks ${path}; remove that directory and try again.`);
  }
  return kernel;
}

function listDirectory(path: string): readonly string[] {
  return existsSync(path) ? readdirSync(path) : [];
}

function run(program: string, args: readonly string[], cwd?: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    ...(cwd === undefined ? {} : { cwd }),
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed: ${error?.message ?? stderr.trim()}`);
  return stdout;
}
