// Reads which CPUs a running container has, from its cgroup (version 2).
import type { ContainerRuntime } from '#domain/guest.ts';
import { parseCpuList } from '#domain/id-list.ts';
import type { VmId } from '#domain/ids.ts';
import type { TextTree } from '#domain/text-tree.ts';
import { readParsed } from './read-parsed.ts';

/** The file that confines a container. */
const containerCpusetPath = (vmid: VmId): string => `/sys/fs/cgroup/lxc/${vmid}/cpuset.cpus`;

/**
 * The container's cgroup, then the namespace cgroup in it if that has a set of its own, each with its CPUs as written. One that inherits
 * is left alone: a set there could not be taken away again, and would cut whatever Proxmox gives the container later.
 */
export function containerCpusetFiles(host: TextTree, vmid: VmId): ReadonlyArray<{ path: string; cpus: string }> {
  const outer = containerCpusetPath(vmid);
  const inner = outer.replace(/cpuset\.cpus$/, 'ns/cpuset.cpus');
  // A populated cgroup takes no empty set, so back from "as the cgroup above" means the set that this gave.
  const ofOuter = host.read(outer)?.trim() || (host.read(`${outer}.effective`)?.trim() ?? '');
  const ofInner = host.read(inner)?.trim();
  return [{ path: outer, cpus: ofOuter }, ...(ofInner ? [{ path: inner, cpus: ofInner }] : [])];
}

/** Null when the container does not run: its cgroup exists only while it does. */
export function readContainerRuntime(host: TextTree, vmid: VmId): ContainerRuntime | null {
  const cpuset = readParsed(host, containerCpusetPath(vmid), parseCpuList);
  const effective = readParsed(host, `${containerCpusetPath(vmid)}.effective`, parseCpuList);
  return cpuset === null || effective === null ? null : { cpuset, effective };
}
