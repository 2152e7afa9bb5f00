// Whether KSM merges pages of different NUMA nodes: the kernel takes another answer only while nothing is merged.
import { MERGE_ACROSS_NODES } from '#domain/host-layer.ts';
import type { Host } from './host.ts';
import { HostError } from './host-error.ts';

const KSM = '/sys/kernel/mm/ksm';
const PAGE_KIB = 4;

/**
 * Where pages are merged they are separated first (`run` 2), which takes memory for each of them, and merging goes on as before after that
 * (kernel: Documentation/admin-guide/mm/ksm.rst). @throws HostError `full` when there is too little memory for that.
 */
export function writeMergeAcrossNodes(host: Host, value: string): void {
  const sharing = Number(host.read(`${KSM}/pages_sharing`) ?? '0');
  if (sharing === 0) {
    host.writeKernelFile(MERGE_ACROSS_NODES, value);
    return;
  }
  refuseWithoutMemory(host, sharing * PAGE_KIB);
  const run = (host.read(`${KSM}/run`) ?? '0').trim();
  host.writeKernelFile(`${KSM}/run`, '2');
  try {
    host.writeKernelFile(MERGE_ACROSS_NODES, value);
  } finally {
    host.writeKernelFile(`${KSM}/run`, run);
  }
}

/** Half of what is available: the host goes on working meanwhile. */
function refuseWithoutMemory(host: Host, neededKiB: number): void {
  const availableKiB = Number(/^MemAvailable:\s+(\d+) kB/m.exec(host.read('/proc/meminfo') ?? '')?.[1] ?? '0');
  if (neededKiB * 2 <= availableKiB) return;
  const MiB = (KiB: number) => Math.round(KiB / 1024);
  throw new HostError(
    'full',
    `KSM has merged pages across NUMA nodes, and separating them takes ${MiB(neededKiB)} MiB of the ${MiB(availableKiB)} MiB that are available. Stop a guest first, or leave \`ksm\` out of the policy's layers`,
  );
}
