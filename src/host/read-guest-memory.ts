// Where the memory of a running VM is, by node: from its cgroup where that knows, else from the process.
import type { VmId } from '#domain/ids.ts';
import type { GuestMemory } from '#domain/sampling.ts';
import type { TextTree, Unknown } from '#domain/text-tree.ts';
import { parseCgroupOwner, parseCgroupPath, parseNumaStat } from '#topology/parse-cgroup-files.ts';
import { readParsed } from './read-parsed.ts';
import { readResidentMiB } from './read-vm-runtime.ts';

export interface MemoryQuestion {
  readonly pid: number;
  readonly cgroup: string | null;
  /** Pages of a pool are in no cgroup's `memory.numa_stat`. */
  readonly hugepages: boolean;
}

/** The cgroup's count is cheap; without it the kernel walks all pages of the process. Null when neither can be read, and it is noted. */
export function readGuestMemory(
  host: TextTree,
  { pid, cgroup, hugepages }: MemoryQuestion,
  unknown: Unknown[],
): GuestMemory | null {
  const counted = cgroup === null || hugepages ? null : readParsed(host, `${cgroup}/memory.numa_stat`, parseNumaStat);
  if (counted !== null) return { source: 'memory.numa_stat', residentMiB: counted };
  const walked = readResidentMiB(host, pid);
  if (walked !== null) return { source: 'numa_maps', residentMiB: walked };
  unknown.push({ path: `/proc/${pid}/numa_maps`, reason: 'it cannot be read, so where its memory is is not known' });
  return null;
}

/** Null where the process is in no cgroup of version 2 of its own: what another one counts is others' memory too. */
export function cgroupOf(host: TextTree, vmid: VmId, pid: number): string | null {
  const path = readParsed(host, `/proc/${pid}/cgroup`, parseCgroupPath);
  return path !== null && parseCgroupOwner(path) === vmid ? `/sys/fs/cgroup${path}` : null;
}
