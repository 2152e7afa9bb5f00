// The captured machines on which there is something to decide: several NUMA nodes or last-level caches with CPUs to give.
import type { HostTopology } from '#domain/host-topology.ts';
import type { CpuSet } from '#domain/id-set.ts';
import type { NodeMemory } from '#domain/inventory.ts';
import type { Host } from '#host/host.ts';
import { openHost } from '#host/open-host.ts';
import { makeHousekeeping } from '#plan/housekeeping.ts';
import { parseTopology } from '#topology/parse-topology.ts';
import { visitMachines } from '../../conform/unpack-machines.ts';

export interface BenchHost {
  readonly name: string;
  readonly topology: HostTopology;
  readonly memory: readonly NodeMemory[];
  readonly housekeeping: CpuSet;
}

/** What the host keeps in every case. */
export const HOUSEKEEPING = { coresPerNode: 1, cpus: null } as const;

const FEWEST_CPUS = 8;
/** Where a capture does not tell a node's memory. */
const ASSUMED_MIB_PER_CPU = 4096;
/** Of a node's memory; the rest is the kernel's. */
const AVAILABLE = 0.9;

export function makeBenchHost(name: string, topology: HostTopology): BenchHost {
  const memory = topology.nodes.map((node): NodeMemory => {
    const totalMiB = node.memoryMiB ?? node.cpus.size * ASSUMED_MIB_PER_CPU;
    const availableMiB = Math.floor(totalMiB * AVAILABLE);
    return { node: node.id, totalMiB, freeMiB: availableMiB, availableMiB, hugepages: new Map() };
  });
  const inventory = { node: 'pve', simulated: true, topology, memory, guests: [], placement: null, unknown: [] };
  const housekeeping = makeHousekeeping({ inventory, wishes: new Map() }, HOUSEKEEPING);
  return { name, topology, memory, housekeeping };
}

/** In order of name. Machines that say that they are not x86 are left out. */
export function readBenchHosts(corpora: string): readonly BenchHost[] {
  const hosts: BenchHost[] = [];
  visitMachines(corpora, ({ name, root }) => {
    const tree = openHost(root);
    const host = makeBenchHost(name, parseTopology(tree));
    if (mayBeX86(tree) && hasChoice(host)) hosts.push(host);
  });
  return hosts;
}

/** x86 has a line `vendor_id: GenuineIntel` or the like; mainframes have one too, with a slash. Captures without the file stay in. */
function mayBeX86(tree: Host): boolean {
  const cpuinfo = tree.read('/proc/cpuinfo') ?? '';
  return cpuinfo === '' || /^vendor_id\s*: \w+$/m.test(cpuinfo);
}

function hasChoice({ topology, housekeeping }: BenchHost): boolean {
  const cores = topology.cores.filter(core => core.cpus.isDisjointFrom(housekeeping));
  const places = new Set(cores.map(({ node, llc }) => `${node}/${llc}`));
  return places.size > 1 && topology.online.difference(housekeeping).size >= FEWEST_CPUS;
}
