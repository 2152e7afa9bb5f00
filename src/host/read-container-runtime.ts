// Reads which CPUs a running container has, from its cgroup (version 2).
import type { ContainerRuntime } from '#domain/guest.ts';
import { parseCpuList } from '#domain/id-list.ts';
import type { VmId } from '#domain/ids.ts';
import type { TextTree } from '#domain/text-tree.ts';
import { readParsed } from './read-parsed.ts';

/** The file that confines a container. */
export const containerCpusetPath = (vmid: VmId): string => `/sys/fs/cgroup/lxc/${vmid}/cpuset.cpus`;

/** Null when the container does not run: its cgroup exists only while it does. */
export function readContainerRuntime(host: TextTree, vmid: VmId): ContainerRuntime | null {
  const cpuset = readParsed(host, containerCpusetPath(vmid), parseCpuList);
  const effective = readParsed(host, `${containerCpusetPath(vmid)}.effective`, parseCpuList);
  return cpuset === null || effective === null ? null : { cpuset, effective };
}
