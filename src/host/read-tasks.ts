// Lists the host's processes with their allowed CPUs, those of given processes left out.

import type { Task } from '#domain/task.ts';
import type { TextTree } from '#domain/text-tree.ts';
import { parseAllowedCpus } from '#topology/parse-proc-status.ts';

/**
 * Main threads of all processes and kernel threads; a process that ends meanwhile is left out.
 * Threads of one process almost always share a mask, and reading all of them would cost more than it tells.
 */
export function readTasks(tree: TextTree, without: ReadonlySet<number>): readonly Task[] {
  return tree.list('/proc').flatMap(name => {
    const pid = Number(name);
    if (!/^\d+$/.test(name) || without.has(pid)) return [];
    const status = tree.read(`/proc/${pid}/status`);
    const comm = tree.read(`/proc/${pid}/comm`);
    if (status === null || comm === null) return [];
    // What has ended and waits for its parent keeps a mask, and never runs again.
    if (/^State:\t[ZX]/m.test(status)) return [];
    // Every kernel thread is a child of kthreadd, which is PID 2.
    const isKernel = pid === 2 || /^PPid:\t2$/m.test(status);
    return [{ pid, name: comm.trim(), isKernel, allowed: parseAllowedCpus(status) }];
  });
}
