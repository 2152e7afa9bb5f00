// Unpacks captured machines from the corpora, one at a time, into a scratch directory.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A machine is thousands of tiny files: unpacking them on a disk takes ten times longer. */
const MEMORY_DISK = '/dev/shm';

/** Most of those files, and none of them tells anything about the topology. */
const SKIPPED = ['power', 'cpuidle', 'cpufreq', 'thermal_throttle', 'microcode', 'hotplug', 'vulnerabilities', 'irq'];

export interface Machine {
  /** The name of its oracle files. */
  readonly name: string;
  /** The directory that holds its `sys`. */
  readonly root: string;
}

/** Calls `visit` for every machine of `sysfs` and `derived-sysfs` that is wanted, in order of name; the scratch directory is gone afterwards. */
export function visitMachines(
  corpora: string,
  visit: (machine: Machine) => void,
  isWanted: (name: string) => boolean = () => true,
): void {
  const scratch = mkdtempSync(join(existsSync(MEMORY_DISK) ? MEMORY_DISK : tmpdir(), 'berth-conform-'));
  try {
    for (const { name, archive } of listArchives(corpora).filter(({ name }) => isWanted(name))) {
      const directory = join(scratch, name);
      mkdirSync(directory);
      const skips = SKIPPED.map(skipped => `--exclude=${skipped}`);
      execFileSync('tar', ['-xJf', archive, '-C', directory, '--no-same-owner', ...skips]);
      visit({ name, root: findRoot(directory) });
      rmSync(directory, { recursive: true, force: true });
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function listArchives(corpora: string): ReadonlyArray<{ readonly name: string; readonly archive: string }> {
  const sources = [
    { directory: join(corpora, 'sysfs'), prefix: '' },
    { directory: join(corpora, 'derived-sysfs'), prefix: 'derived__' },
  ];
  return sources.flatMap(({ directory, prefix }) =>
    readdirSync(directory)
      .filter(file => file.endsWith('.tar.xz'))
      .sort()
      .map(file => ({ name: prefix + file.slice(0, -'.tar.xz'.length), archive: join(directory, file) })),
  );
}

/** Archives hold one directory, whose name is not always the archive's. */
function findRoot(directory: string): string {
  if (existsSync(join(directory, 'sys'))) return directory;
  const inner = readdirSync(directory).map(name => join(directory, name));
  const root = inner.find(path => existsSync(join(path, 'sys')));
  if (!root) throw new Error(`${directory} holds no sysfs`);
  return root;
}
