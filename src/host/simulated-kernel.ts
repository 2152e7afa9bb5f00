// What the kernel would do, done to the files of a captured tree: thread masks and cgroup cpusets.
import { mkdirSync, rmdirSync } from 'node:fs';
import { posix } from 'node:path';
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
  const path = `/proc/${pid}/task/${tid}/status`;
  const status = readText(root, path);
  if (status === null) throw new HostError('gone', `${doing}: the thread has ended`);
  const allowed = cpus.intersection(onlineCpus(root));
  if (allowed.isEmpty) throw new HostError('refused', `${doing}: none of them is online and allowed by its cpuset`);
  const width = (allowed.ids.at(-1) ?? 0) + 1;
  const text = status
    .replace(/^Cpus_allowed:.*$/m, `Cpus_allowed:\t${encodeCpuMask(allowed, width)}`)
    .replace(/^Cpus_allowed_list:.*$/m, `Cpus_allowed_list:\t${encodeIdList(allowed)}`);
  replaceFile(root, { path, text });
}

/** Writes a kernel file that the tree has; a cgroup's `cpuset.cpus` also changes what is effective there. */
export function writeSimulatedKernelFile(root: string, path: string, text: string): void {
  const doing = `Cannot write "${text.trimEnd()}" to ${root}${path}`;
  if (path.startsWith('/sys/fs/cgroup/') && writeSimulatedCgroupFile(simulatedCgroups(root), path, text)) return;
  const before = readText(root, path);
  if (before === null) throw new HostError('missing', `${doing}: no such file`);
  const line = text.endsWith('\n') ? text : `${text}\n`;
  if (posix.basename(path) === 'cpuset.cpus') {
    // ENOSPC from the kernel, for every cgroup that holds a process; those of captured guests do.
    if (line === '\n' && before.trim() !== '') throw new HostError('refused', `${doing}: the cgroup has processes`);
    setEffectiveCpus(root, posix.dirname(path), parseCpuList(line));
  }
  replaceFile(root, { path, text: line });
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

/** A cgroup gets what it wants of its parent's CPUs, and all of them when nothing is left of its wish. */
function setEffectiveCpus(root: string, cgroup: string, wanted: CpuSet): void {
  const available = effectiveCpus(root, posix.dirname(cgroup)) ?? onlineCpus(root);
  const granted = wanted.intersection(available);
  const text = `${encodeIdList(granted.isEmpty ? available : granted)}\n`;
  replaceFile(root, { path: `${cgroup}/cpuset.cpus.effective`, text });
}

function effectiveCpus(root: string, cgroup: string): CpuSet | null {
  const text = readText(root, `${cgroup}/cpuset.cpus.effective`);
  return text === null ? null : parseCpuList(text);
}

function onlineCpus(root: string): CpuSet {
  const path = '/sys/devices/system/cpu/online';
  const text = readText(root, path);
  if (text === null) throw new HostError('missing', `Cannot read ${root}${path}: the captured tree does not hold it`);
  return parseCpuList(text);
}
