// What an apply may change on a lab host, to be compared and put back: files, and the CPUs of the guests' threads.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readPid } from '../guest/start-guest.ts';
import { runProgram } from './run-program.ts';

export interface HostState {
  /** Path → content, one character per byte. */
  readonly files: ReadonlyMap<string, string>;
  /** Thread id → its CPU list, for all guests that run. */
  readonly masks: ReadonlyMap<number, string>;
}

const DIRECTORIES = ['/etc/pve', '/var/lib/berth'];

export const readHostState = (): HostState => ({
  files: new Map(DIRECTORIES.flatMap(listFiles).map(file => [file, readFileSync(file, 'latin1')])),
  masks: new Map(listGuestThreads().map(({ tid, status }) => [tid, readMask(status)])),
});

/** Threads that have ended in the meantime are left out. */
export function restoreHostState({ files, masks }: HostState): void {
  const now = readHostState();
  for (const file of now.files.keys()) if (!files.has(file)) rmSync(file);
  for (const [file, content] of files) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, 'latin1');
  }
  for (const [tid, mask] of now.masks) {
    const wanted = masks.get(tid);
    if (wanted !== undefined && wanted !== mask) runProgram(['taskset', '--cpu-list', '--pid', wanted, `${tid}`]);
  }
}

/** A line for each file and thread that is in none of the states; threads that started or ended since tell nothing. */
export function listDeviations(now: HostState, wanted: readonly HostState[]): readonly string[] {
  const paths = new Set([now, ...wanted].flatMap(({ files }) => [...files.keys()]));
  const files = [...paths].flatMap(path => {
    const content = now.files.get(path);
    if (wanted.some(state => state.files.get(path) === content)) return [];
    const known = wanted.some(state => state.files.has(path));
    return [
      `${path} ${content === undefined ? 'is not there' : known ? `is other than it was:\n${content}` : 'is new'}`,
    ];
  });
  const masks = [...now.masks].flatMap(([tid, mask]) => {
    const known = wanted.flatMap(state => state.masks.get(tid) ?? []);
    return known.length === 0 || known.includes(mask)
      ? []
      : [`thread ${tid} may run on ${mask}, not ${known.join(' or ')}`];
  });
  return [...files, ...masks];
}

const listFiles = (directory: string): readonly string[] =>
  existsSync(directory)
    ? readdirSync(directory, { recursive: true, withFileTypes: true, encoding: 'utf8' })
        .filter(entry => entry.isFile())
        .map(entry => join(entry.parentPath, entry.name))
    : [];

function listGuestThreads(): readonly { readonly tid: number; readonly status: string }[] {
  const vmids = listFiles('/run/qemu-server').flatMap(file => /\/(\d+)\.pid$/.exec(file)?.[1] ?? []);
  return vmids.flatMap(vmid => {
    const tasks = `/proc/${readPid(Number(vmid))}/task`;
    if (!existsSync(tasks)) return [];
    return readdirSync(tasks).map(tid => ({ tid: Number(tid), status: `${tasks}/${tid}/status` }));
  });
}

const readMask = (status: string): string =>
  /^Cpus_allowed_list:\t(.*)$/m.exec(readFileSync(status, 'latin1'))?.[1] ?? '?';
