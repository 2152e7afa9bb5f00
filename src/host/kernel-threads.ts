// Reads the threads of the kernel that are the host's own: which of them can be moved, and where each may run.
import type { CpuSet } from '#domain/id-set.ts';
import type { TextTree } from '#domain/text-tree.ts';
import { parseAllowedCpus } from '#topology/parse-proc-status.ts';
import { parseTaskFlags } from '#topology/parse-task-flags.ts';
import { readParsed } from './read-parsed.ts';

export interface KernelThread {
  readonly tid: number;
  readonly name: string;
  readonly isBound: boolean;
  /** Offline CPUs included. */
  readonly allowed: CpuSet;
}

/**
 * Threads of interrupts follow their interrupt, and those of vhost and KVM belong to guests.
 * (kernel: kernel/irq/manage.c `irq_thread_check_affinity`; drivers/vhost; arch/x86/kvm)
 */
const OTHERS = /^(irq\/|vhost-|kvm-)/;

/** Null for what is no thread of the host's kernel, or has ended. */
export function readKernelThread(tree: TextTree, tid: number): KernelThread | null {
  const stat = tree.read(`/proc/${tid}/stat`);
  if (stat === null) return null;
  const { isKernelThread, isBound } = parseTaskFlags(stat);
  if (!isKernelThread) return null;
  const name = /\((.*)\)/s.exec(stat)?.[1] ?? '';
  const allowed = readParsed(tree, `/proc/${tid}/status`, parseAllowedCpus);
  return allowed === null || OTHERS.test(name) ? null : { tid, name, isBound, allowed };
}

/** Ascending. */
export function readKernelThreads(tree: TextTree): readonly KernelThread[] {
  return tree
    .list('/proc')
    .flatMap(name => (/^[1-9]\d*$/.test(name) ? [Number(name)] : []))
    .sort((a, b) => a - b)
    .flatMap(tid => readKernelThread(tree, tid) ?? []);
}
