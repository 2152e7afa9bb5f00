// Looks at a guest's cgroup (version 2): what its CPU limit took, how long it stalled.
import type { CgroupReading, Stalls } from '#domain/sampling.ts';
import type { TextTree, Unknown } from '#domain/text-tree.ts';
import { parseCgroupPath, parseCpuLimit, parseCpuUsage } from '#topology/parse-cgroup-files.ts';
import { parseStalledUs } from '#topology/parse-pressure.ts';
import { HostError } from './host-error.ts';
import { readParsed } from './read-parsed.ts';
import type { Clock } from './sample-thread.ts';

const MOUNT = '/sys/fs/cgroup';

/** The cgroup's directory; null when there is none of version 2, and it is noted. */
export function findCgroup(host: TextTree, pid: number, unknown: Unknown[]): string | null {
  const file = `/proc/${pid}/cgroup`;
  const path = readParsed(host, file, parseCgroupPath);
  const directory = `${MOUNT}${path}`;
  if (path !== null && path !== '/' && host.read(`${directory}/cpu.stat`) !== null) return directory;
  const reason = path === '/' ? 'the process is in no cgroup of its own' : 'there is no cgroup version 2 for it';
  unknown.push({ path: file, reason: `${reason}, so its CPU limit and stalls are not known` });
  return null;
}

export function readCgroup(host: TextTree, directory: string, clock: Clock): CgroupReading | null {
  const read = readParsed(host, `${directory}/cpu.stat`, text => ({
    usedUs: parseCpuUsage(text),
    limit: parseCpuLimit(text),
  }));
  if (read === null) return null;
  return {
    ...read,
    atMs: clock(),
    stalls: readStalls(host, resource => `${directory}/${resource}.pressure`),
  };
}

/** A kernel started with `psi=0`, or built without it, shows none: null. */
export function readStalls(host: TextTree, fileOf: (resource: 'cpu' | 'memory' | 'io') => string): Stalls {
  const read = (resource: 'cpu' | 'memory' | 'io') => {
    try {
      return readParsed(host, fileOf(resource), parseStalledUs);
    } catch (error) {
      // EOPNOTSUPP, where the file is there and pressure is switched off.
      if (error instanceof HostError) return null;
      throw error;
    }
  };
  return { cpuUs: read('cpu'), memoryUs: read('memory'), ioUs: read('io') };
}
