// Reads and writes one setting of the kernel by its path, with what is peculiar about some of them.
import { IRQBALANCE_BAN, MERGE_ACROSS_NODES, UNBOUND_WORKQUEUES } from '#domain/host-layer.ts';
import { encodeIdList, parseCpuList } from '#domain/id-list.ts';
import { isSameSetting, parseKernelThreadPath, settingKind } from '#domain/kernel-setting.ts';
import type { TextTree } from '#domain/text-tree.ts';
import type { Host } from './host.ts';
import { HostError } from './host-error.ts';
import { readIrqbalanceBan, writeIrqbalanceBan } from './irqbalance.ts';
import { readKernelThread } from './kernel-threads.ts';
import { writeMergeAcrossNodes } from './merge-across-nodes.ts';

/**
 * While partitions exist `cpumask` lacks their CPUs; what was asked for is in a file of its own, from kernel 6.7 on
 * (Documentation/core-api/workqueue.rst). Writing back the former would keep it so for ever.
 */
const REQUESTED_WORKQUEUES = '/sys/devices/virtual/workqueue/cpumask_requested';

/** Without the newline; null for one that this host does not have. */
export function readSetting(tree: TextTree, path: string): string | null {
  const thread = parseKernelThreadPath(path);
  if (thread !== null) {
    const found = readKernelThread(tree, thread.tid);
    return found === null || found.isBound || found.name !== thread.name ? null : encodeIdList(found.allowed);
  }
  if (path === IRQBALANCE_BAN) return readIrqbalanceBan(tree);
  const text = (path === UNBOUND_WORKQUEUES ? tree.read(REQUESTED_WORKQUEUES) : null) ?? tree.read(path);
  // `always [madvise] never`: the word in brackets is in force.
  return text === null ? null : (/\[(\w+)\]/.exec(text)?.[1] ?? text.trim());
}

/** Writes and reads back. @throws HostError as the kernel refuses it, or when it says yes and does something else. */
export function writeSetting(host: Host, path: string, value: string): void {
  const kind = settingKind(path);
  if (kind === null) throw new HostError('refused', `Refused to write ${path}: it is no setting that a host layer has`);
  const thread = parseKernelThreadPath(path);
  if (thread !== null) {
    host.setThreadAffinity({ pid: thread.tid, tid: thread.tid }, parseCpuList(value));
    return;
  }
  if (path === IRQBALANCE_BAN) writeIrqbalanceBan(host, parseCpuList(value));
  else if (path === MERGE_ACROSS_NODES) writeMergeAcrossNodes(host, value);
  else host.writeKernelFile(path, value);
  const now = readSetting(host, path);
  if (now === null || !isSameSetting(kind.form, now, value)) {
    throw new HostError('failed', `${path} is "${now ?? 'gone'}" after "${value}" was written to it`);
  }
}
