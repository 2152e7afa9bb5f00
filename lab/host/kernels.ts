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
  const release = downloadNewest(series, cache, tell);
  return describeKernel(cache, release);
}

/** The newest release of a series, by the numbers in it; of generic images alone. */
export function newestOf(series: string, releases: readonly string[]): string | undefined {
  return releases
    .filter(release => isGeneric(release) && release.startsWith(series) && /^[.+-]/.test(release.slice(series.length)))
    .sort(compareReleases)
    .at(-1);
}

/** The cloud flavour has no 9p, scenarios are not about the real-time one, and `6.12-amd64` is only the name of whatever is newest. */
const isGeneric = (release: string): boolean => /^\d+\.\d+[.+-][^a-z]*(deb\d+|bpo)?[^a-z]*-amd64$/.test(release);

function compareReleases(a: string, b: string): number {
  const [left, right] = [a, b].map(
    release =>
      release
        .replace(/-amd64$/, '')
        .match(/\d+/g)
        ?.map(Number) ?? [],
  ) as [number[], number[]];
  for (const [index, number] of left.entries()) {
    const difference = number - (right[index] ?? -1);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** The machine's package lists may be absent, or so old that what they name is no longer there: then they are fetched, once. */
function downloadNewest(series: string, cache: string, tell: (progress: string) => void): string {
  const download = () => {
    const release = findOffered(series);
    tell(`downloading linux-image-${release} into ${cache} (about 100 MB)`);
    downloadKernel(cache, release);
    return release;
  };
  try {
    return download();
  } catch (error) {
    tell(`${(error as Error).message.split('\n', 1)[0]}: fetching new package lists`);
    if (spawnSync('apt-get', ['update']).status !== 0) throw error;
    return download();
  }
}

function findOffered(series: string): string {
  const offered = listOffered();
  const release = newestOf(series, offered);
  if (release !== undefined) return release;
  const known = [...new Set(offered.map(name => name.match(/^\d+\.\d+/)?.[0] ?? name))].sort();
  throw new Error(
    `Debian's package lists on this machine have no kernel of the series ${series} (linux-image-${series}…-amd64). ` +
      (known.length === 0 ? 'They have none at all: is this a Debian machine?' : `They have ${known.join(', ')}.`),
  );
}

const listOffered = (): readonly string[] =>
  run('apt-cache', ['search', '--names-only', '^linux-image-[0-9].*-amd64$'])
    .split('\n')
    .map(line => line.split(' ', 1)[0]?.replace(/^linux-image-/, '') ?? '')
    .filter(isGeneric);

/** Complete or not there at all: unpacked beside its place, then renamed. */
function downloadKernel(cache: string, release: string): void {
  mkdirSync(cache, { recursive: true });
  const scratch = mkdtempSync(join(cache, '.new-'));
  try {
    run('apt-get', ['download', '--quiet', '--option', 'APT::Sandbox::User=root', `linux-image-${release}`], scratch);
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
