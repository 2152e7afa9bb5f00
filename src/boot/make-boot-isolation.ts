// Decides what to ask of the kernel at boot: whole cores for VMs that have them for themselves, never that of the boot CPU.
import type {
  BootIsolation,
  BootParameter,
  HugepagePool,
  KernelAbilities,
  LeftParameter,
} from '#domain/boot-isolation.ts';
import type { HostTopology } from '#domain/host-topology.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { isolatableCpus } from '#domain/isolatable-cpus.ts';
import type { Placement } from '#domain/placement.ts';

export interface BootIsolationInput {
  readonly topology: HostTopology;
  /** In force; null when there is none. */
  readonly placement: Placement | null;
  readonly pools: readonly HugepagePool[];
  readonly kernel: KernelAbilities;
  /** Somebody else asks for hugepages on the kernel's command line. */
  readonly hasForeignPools: boolean;
}

/**
 * 1. The cores of which dedicated VMs have every CPU, idle siblings included, but for that of the boot CPU.
 * 2. What the kernel can do for them: no scheduling among them, no tick while one thread runs, no callbacks, no interrupts.
 * 3. Pages for guests that are placed with hugepages.
 */
export function makeBootIsolation(input: BootIsolationInput): BootIsolation {
  const { cpus, vmids, leftCpus } = isolatableCpus(input.placement, input.topology);
  const rest = input.topology.present.difference(cpus);
  if (cpus.isEmpty) return { cpus, rest, parameters: [], leftParameters: [], leftCpus };
  const { kernel } = input;
  const list = encodeIdList(cpus);
  const asked: ReadonlyArray<BootParameter | LeftParameter> = [
    { name: 'isolcpus', words: [`isolcpus=managed_irq,domain,${list}`], vmids },
    leftOr('nohz_full', kernel.nohzFull) ?? { name: 'nohz_full', words: [`nohz_full=${list}`] },
    leftOr('rcu_nocbs', kernel.rcuNocbs) ?? { name: 'rcu_nocbs', words: [`rcu_nocbs=${list}`] },
    { name: 'irqaffinity', words: [`irqaffinity=${encodeIdList(rest)}`] },
    ...hugepageParameters(input),
  ];
  return {
    ...{ cpus, rest, leftCpus },
    parameters: asked.filter(one => 'words' in one),
    leftParameters: asked.filter(one => 'why' in one),
  };
}

/** The words of all parameters, in order. */
export const wordsOf = ({ parameters }: BootIsolation): readonly string[] => parameters.flatMap(({ words }) => words);

const leftOr = (name: LeftParameter['name'], isAble: boolean | null): LeftParameter | null =>
  isAble === true ? null : { name, why: isAble === null ? 'kernel-unknown' : 'kernel-lacks' };

/** A line of each page size: `hugepagesz=1G hugepages=0:4,1:4`; on a host with one node without its number, which Proxmox understands, too. */
function hugepageParameters(input: BootIsolationInput): ReadonlyArray<BootParameter | LeftParameter> {
  const { topology, pools, kernel, hasForeignPools } = input;
  if (pools.length === 0) return [];
  if (hasForeignPools) return [{ name: 'hugepages', why: 'present' }];
  const nodes = topology.nodes.length;
  // The kernel compares a node's number with how many there are.
  const isNumbered = pools.every(({ node }) => node < nodes);
  if (nodes > 1 && !(kernel.hugepagesByNode && isNumbered)) return [{ name: 'hugepages', why: 'by-node' }];
  const sizes = [...new Set(pools.map(({ sizeKiB }) => sizeKiB))].sort((a, b) => a - b);
  return sizes.map(size => {
    const ofSize = pools.filter(({ sizeKiB }) => sizeKiB === size);
    const pages = ofSize.map(({ node, pages: count }) => (nodes > 1 ? `${node}:${count}` : `${count}`));
    return {
      name: 'hugepages',
      words: [
        `hugepagesz=${size >= GIB_KIB ? `${size / GIB_KIB}G` : `${size / 1024}M`}`,
        `hugepages=${pages.join(',')}`,
      ],
      pools: ofSize,
    };
  });
}

const GIB_KIB = 1024 * 1024;
