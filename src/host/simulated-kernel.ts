// What the kernel would do, done to the files of a captured tree: thread masks and cgroup cpusets.
import { mkdirSync, rmdirSync } from 'node:fs';
import { posix } from 'node:path';
import { UNBOUND_WORKQUEUES } from '#domain/host-layer.ts';
import { encodeCpuMask, encodeIdList, parseCpuList } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';
import type { TextTree } from '#domain/text-tree.ts';
import { parseAllowedCpus } from '#topology/parse-proc-status.ts';
import { withContainedFile } from './contained-file.ts';
import { HostError } from './host-error.ts';
import { listDirectory, readText } from './read-files.ts';
import { replaceFile } from './replace-file.ts';
import { type CgroupFiles, writeSimulatedCgroupFile } from './simulated-cgroup.ts';
import type { ThreadId } from './thread-affinity.ts';

/** The online CPUs that the thread may use; null when it has ended. */
export function simulatedAffinity(read: TextTree['read'], { pid, tid }: ThreadId): CpuSet | null {
  const status = read(`/proc/${pid}/task/${tid}/status`);
  if (status === null) return null;
  return parseAllowedCpus(status).intersection(parseCpuList(read('/sys/devices/system/cpu/online') ?? ''));
}

/** Sets `Cpus_allowed` and `Cpus_allowed_list` in the thread's status, cut to the online CPUs as the kernel does. */
export function pinSimulatedThread(root: string, { pid, tid }: ThreadId, cpus: CpuSet): void {
  const doing = `Cannot restrict thread ${tid} of process ${pid} to CPUs ${encodeIdList(cpus)}`;
  if (readText(root, `/proc/${pid}/task/${tid}/status`) === null)
    throw new HostError('gone', `${doing}: the thread has ended`);
  const allowed = cpus.intersection(onlineCpus(root));
  if (allowed.isEmpty) throw new HostError('refused', `${doing}: none of them is online and allowed by its cpuset`);
  const width = (allowed.ids.at(-1) ?? 0) + 1;
  // A process's own status is that of its main thread.
  const paths = [`/proc/${pid}/task/${tid}/status`, ...(pid === tid ? [`/proc/${pid}/status`] : [])];
  for (const path of paths) {
    const text = readText(root, path)
      ?.replace(/^Cpus_allowed:.*$/m, `Cpus_allowed:\t${encodeCpuMask(allowed, width)}`)
      .replace(/^Cpus_allowed_list:.*$/m, `Cpus_allowed_list:\t${encodeIdList(allowed)}`);
    if (text !== undefined) replaceFile(root, { path, text });
  }
}

/** Writes a kernel file that the tree has; those of cgroups behave as the kernel's. */
export function writeSimulatedKernelFile(root: string, path: string, text: string): void {
  const doing = `Cannot write "${text.trimEnd()}" to ${root}${path}`;
  if (path.startsWith('/sys/fs/cgroup/') && writeSimulatedCgroupFile(simulatedCgroups(root), path, text)) return;
  const before = readText(root, path);
  if (before === null) throw new HostError('missing', `${doing}: no such file`);
  const line = text.endsWith('\n') ? text : `${text}\n`;
  replaceFile(root, { path, text: line });
  // What was asked for, and what is left of it beside partitions.
  const requested = path === UNBOUND_WORKQUEUES ? `${path}_requested` : path;
  if (readText(root, requested) !== null) replaceFile(root, { path: requested, text: line });
}

export function simulatedCgroups(root: string): CgroupFiles {
  return {
    read: path => readText(root, path),
    list: path => listDirectory(root, path),
    write: (path, text) => replaceFile(root, { path, text }),
    makeDirectory: path =>
      withContainedFile(root, posix.dirname(path), above => mkdirSync(`${above}/${posix.basename(path)}`)),
    removeDirectory: path =>
      withContainedFile(root, posix.dirname(path), above => rmdirSync(`${above}/${posix.basename(path)}`)),
  };
}

function onlineCpus(root: string): CpuSet {
  const path = '/sys/devices/system/cpu/online';
  const text = readText(root, path);
  if (text === null) throw new HostError('missing', `Cannot read ${root}${path}: the captured tree does not hold it`);
  return parseCpuList(text);
}
