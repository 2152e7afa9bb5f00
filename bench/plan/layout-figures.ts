// Figures of a layout that people compare, beside the aims.
import { type Core, nodeDistance } from '#domain/host-topology.ts';
import { unionOf } from '#domain/id-set.ts';
import type { Placement } from '#domain/placement.ts';
import type { BenchHost } from './bench-hosts.ts';

export interface LayoutFigures {
  readonly guests: number;
  /** Summed over guests. */
  readonly nodeSpans: number;
  readonly llcSpans: number;
  /** Cores with vCPUs of two guests. */
  readonly sharedCores: number;
  /** The way from each vCPU to its guest's memory, weighted by MiB, 10 when local; the mean over guests. */
  readonly memoryDistance: number;
  /** vCPUs of the largest guest that could still come, in one NUMA node and in one last-level cache. */
  readonly largestInNode: number;
  readonly largestInLlc: number;
}

export function measureFigures(host: BenchHost, { guests }: Placement): LayoutFigures {
  const { topology, housekeeping } = host;
  const dedicated = guests.filter(guest => guest.class === 'dedicated');
  const coresOf = dedicated.map(({ vcpus }) => {
    const own = unionOf(vcpus);
    return topology.cores.filter(core => !core.cpus.isDisjointFrom(own));
  });
  const spans = (unitOf: (core: Core) => unknown) =>
    coresOf.reduce((sum, cores) => sum + new Set(cores.map(unitOf)).size, 0);
  const users = new Map<Core, number>();
  for (const core of coresOf.flat()) users.set(core, (users.get(core) ?? 0) + 1);
  const free = topology.cores.filter(core => !users.has(core) && core.cpus.isDisjointFrom(housekeeping));
  const largest = (unitOf: (core: Core) => unknown) => {
    const cpus = new Map<unknown, number>();
    for (const core of free) cpus.set(unitOf(core), (cpus.get(unitOf(core)) ?? 0) + core.cpus.size);
    return Math.max(0, ...cpus.values());
  };
  const distances = dedicated.map(guest => memoryDistance(host, guest));
  return {
    guests: guests.length,
    nodeSpans: spans(core => core.node),
    llcSpans: spans(core => `${core.node}/${core.llc}`),
    sharedCores: [...users.values()].filter(count => count > 1).length,
    memoryDistance:
      distances.length === 0 ? 10 : distances.reduce((sum, distance) => sum + distance, 0) / distances.length,
    largestInNode: largest(core => core.node),
    largestInLlc: largest(core => `${core.node}/${core.llc}`),
  };
}

function memoryDistance({ topology }: BenchHost, { vcpus, memory }: Placement['guests'][number]): number {
  const nodes = vcpus.flatMap(cpus => topology.nodes.find(node => !node.cpus.isDisjointFrom(cpus))?.id ?? []);
  const parts = memory?.parts ?? [];
  const totalMiB = parts.reduce((sum, part) => sum + part.memoryMiB, 0);
  if (totalMiB === 0 || nodes.length === 0) return 10;
  // A vCPU whose part of the guest's memory is on its own node uses that; a part without vCPUs is used by all.
  let sum = 0;
  for (const part of parts) {
    const users = part.vcpus.length > 0 ? part.vcpus.flatMap(n => nodes[n] ?? []) : nodes;
    const mean = users.reduce((total, node) => total + nodeDistance(topology, node, part.hostNode), 0) / users.length;
    sum += mean * part.memoryMiB;
  }
  return sum / totalMiB;
}
