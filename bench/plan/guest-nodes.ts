// How many NUMA nodes an operator would give a guest, for peers that want to be told.
import type { BenchHost } from './bench-hosts.ts';
import type { VmRequest } from './placement-algorithm.ts';

/** As few as the empty host allows: the largest nodes must have the CPUs and the memory. At most the eight of Proxmox. */
export function countGuestNodes(
  { vcpus, memoryMiB, smt }: Pick<VmRequest, 'vcpus' | 'memoryMiB' | 'smt'>,
  { topology, memory, housekeeping }: BenchHost,
): number {
  const vcpusOf = topology.nodes.map(node => {
    const cores = topology.cores.filter(core => node.cpus.has(core.cpus.ids[0] as never));
    const free = cores.filter(core => core.cpus.isDisjointFrom(housekeeping));
    return smt === 'isolate' ? free.length : free.reduce((sum, core) => sum + core.cpus.size, 0);
  });
  const needed = Math.max(
    countLargest(vcpusOf, vcpus),
    countLargest(
      memory.map(node => node.availableMiB),
      memoryMiB,
    ),
  );
  return Math.min(needed, 8);
}

/** How many of the largest numbers it takes to reach the sum. */
function countLargest(numbers: readonly number[], sum: number): number {
  let left = sum;
  let count = 0;
  for (const number of numbers.toSorted((a, b) => b - a)) {
    if (left <= 0) break;
    left -= number;
    count++;
  }
  return Math.max(1, count);
}
