// Files of a guest's cgroup, version 2 (kernel doc: admin-guide/cgroup-v2), and which cgroup a process is in.
import { ParseError } from '#domain/errors.ts';
import { type NumaNodeId, numaNodeId, type VmId, vmId } from '#domain/ids.ts';
import type { CgroupReading } from '#domain/sampling.ts';

/** `cpu.stat`, lines such as `throttled_usec 1200`. Null where there is no CPU limit: the kernel then shows no periods, or none that passed. */
export function parseCpuLimit(text: string): CgroupReading['limit'] {
  const number = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  parseCpuUsage(text);
  const periods = number('nr_periods');
  if (periods === 0) return null;
  return { periods, throttled: number('nr_throttled'), throttledUs: number('throttled_usec') };
}

/** `cpu.stat`, line `usage_usec 1200`: CPU time of all tasks in the cgroup. */
export function parseCpuUsage(text: string): number {
  const usage = /^usage_usec (\d+)$/m.exec(text)?.[1];
  if (usage === undefined) throw new ParseError('Cannot parse cpu.stat: it has no usage_usec');
  return Number(usage);
}

const GUEST_MEMORY = ['anon', 'shmem'];
const MIB = 1024 * 1024;

/**
 * `memory.numa_stat`, lines such as `anon N0=536870912 N1=0` in bytes: anonymous and shared memory by node, MiB, without nodes that hold none.
 * The page cache of disk images is left out; so are hugepages of a pool, which the kernel does not count here.
 */
export function parseNumaStat(text: string): ReadonlyMap<NumaNodeId, number> {
  const bytes = new Map<number, number>();
  for (const name of GUEST_MEMORY) {
    const line = new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1];
    if (line === undefined) throw new ParseError(`Cannot parse memory.numa_stat: it has no line "${name}"`);
    for (const [, node, count] of line.matchAll(/N(\d+)=(\d+)/g)) {
      bytes.set(Number(node), (bytes.get(Number(node)) ?? 0) + Number(count));
    }
  }
  return new Map(
    [...bytes]
      .map(([node, count]) => [numaNodeId(node), Math.round(count / MIB)] as const)
      .filter(([, mib]) => mib > 0)
      .sort(([a], [b]) => a - b),
  );
}

/** The version 2 path in `/proc/PID/cgroup`, line `0::/qemu.slice/100.scope`; null on a host without version 2. */
export const parseCgroupPath = (text: string): string | null => /^0::(\/.*)$/m.exec(text)?.[1] ?? null;

/** The guest whose cgroup that is: `/qemu.slice/100.scope…` of a VM, `/lxc/101/…` of a container. */
export function parseCgroupOwner(path: string): VmId | null {
  const number = /^\/(?:qemu\.slice\/(\d+)\.scope|lxc\/(\d+))(?:\/|$)/.exec(path);
  const id = number?.[1] ?? number?.[2];
  return id === undefined ? null : vmId(Number(id));
}
