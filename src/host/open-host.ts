// Opens the live host or a captured one; all files go through the same code, whichever it is.
import { closeSync, constants, mkdirSync, openSync, realpathSync, rmdirSync, statSync, writeSync } from 'node:fs';
import { encodeIdList } from '#domain/id-list.ts';
import { hostErrorFrom } from './errno.ts';
import type { Host } from './host.ts';
import { HostError } from './host-error.ts';
import { isUnit } from './host-units.ts';
import { moveProcessPages, pageNodes } from './process-pages.ts';
import { queryVmThreads } from './query-vm-threads.ts';
import { listDirectory, readText } from './read-files.ts';
import { replaceFile } from './replace-file.ts';
import { setUnitCpus } from './set-unit-cpus.ts';
import { makeSimulatedCgroup, removeSimulatedCgroup, setSimulatedUnitCpus } from './simulated-cgroup.ts';
import {
  pinSimulatedThread,
  simulatedAffinity,
  simulatedCgroups,
  writeSimulatedKernelFile,
} from './simulated-kernel.ts';
import { moveSimulatedPages, simulatedPageNodes } from './simulated-memory.ts';
import { pinThread, threadAffinity } from './thread-affinity.ts';

/**
 * Root `/` is the live host; every other directory holds a captured one.
 * @throws HostError when there is no such directory.
 */
export function openHost(directory: string): Host {
  const root = realDirectory(directory);
  const simulated = root !== '/';
  const read = (path: string) => readText(root, path);
  return {
    root,
    simulated,
    read,
    list: path => listDirectory(root, path),
    queryVmThreads: vmid => queryVmThreads({ simulated, read }, vmid),
    threadAffinity: thread => (simulated ? simulatedAffinity(read, thread) : threadAffinity(thread)),
    setThreadAffinity: (thread, cpus) => (simulated ? pinSimulatedThread(root, thread, cpus) : pinThread(thread, cpus)),
    pageNodes: (pid, addresses) => (simulated ? simulatedPageNodes(root, pid, addresses) : pageNodes(pid, addresses)),
    movePages: (pid, addresses, node) =>
      simulated ? moveSimulatedPages(root, { pid, addresses, node }) : moveProcessPages(pid, addresses, node),
    replaceFile: (path, text, mode) => replaceFile(root, { path, text, mode }),
    writeKernelFile: (path, text) =>
      simulated ? writeSimulatedKernelFile(root, path, text) : writeKernelFile(path, text),
    setUnitCpus: (unit, cpus, configured) => {
      if (simulated) return setSimulatedUnitCpus(simulatedCgroups(root), unit, cpus ?? configured);
      if (isUnit(unit)) return setUnitCpus(unit, cpus, configured);
      writeKernelFile(`/sys/fs/cgroup/${unit}/cpuset.cpus`, encodeIdList(cpus ?? configured));
    },
    makeCgroup: path => (simulated ? makeSimulatedCgroup(simulatedCgroups(root), path) : makeCgroup(path)),
    removeCgroup: path => (simulated ? removeSimulatedCgroup(simulatedCgroups(root), path) : removeCgroup(path)),
  };
}

function realDirectory(directory: string): string {
  try {
    const root = realpathSync.native(directory);
    if (!statSync(root).isDirectory()) throw new HostError('failed', `Cannot open host ${directory}: not a directory`);
    return root;
  } catch (error) {
    throw hostErrorFrom(`Cannot open host ${directory}`, error);
  }
}

/** One write(2): the kernel takes the whole text or refuses it. */
function writeKernelFile(path: string, text: string): void {
  const doing = `Cannot write "${text.trimEnd()}" to ${path}`;
  try {
    const fd = openSync(path, constants.O_WRONLY);
    try {
      writeSync(fd, text);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const failure = hostErrorFrom(doing, error);
    // ENOSPC here is no full disk: cpusets mean "not without CPUs" by it.
    throw failure.reason === 'full' ? new HostError('refused', failure.message, { cause: error }) : failure;
  }
}

function makeCgroup(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    throw hostErrorFrom(`Cannot make cgroup ${path}`, error);
  }
}

function removeCgroup(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    throw hostErrorFrom(`Cannot remove cgroup ${path}`, error);
  }
}
