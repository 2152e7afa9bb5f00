// Decides what to ask of the kernel at boot: whole cores for VMs that have them for themselves, never that of the boot CPU.
import type {
  BootIsolation,
  BootParameter,
  HugepagePool,
  KernelAbilities,
  LeftCpus,
  LeftParameter,
} from '#domain/boot-isolation.ts';
import type { HostTopology } from '#domain/host-topology.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { type CpuSet, cpuSet, unionOf } from '#domain/id-set.ts';
import type { VmId } from '#domain/ids.ts';
import { ownCpus, type Placement, partitionCpus, reservedCpus } from '#domain/placement.ts';

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
  const { cpus, vmids, leftCpus } = chooseCpus(input);
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

interface ChosenCpus {
  readonly cpus: CpuSet;
  /** Of the VMs that they are for. */
  readonly vmids: readonly VmId[];
  readonly leftCpus: readonly LeftCpus[];
}

function chooseCpus({ topology, placement }: BootIsolationInput): ChosenCpus {
  if (placement === null) return { cpus: cpuSet(), vmids: [], leftCpus: [] };
  const reserved = reservedCpus(placement, topology);
  const dedicated = placement.guests.filter(guest => guest.class === 'dedicated');
  const owned = dedicated.map(guest => ({ vmid: guest.vmid, cpus: partitionCpus(guest, reserved) }));
  const all = unionOf(owned.map(({ cpus }) => cpus));
  const { first } = topology.online;
  const whole = topology.cores.filter(core => core.cpus.isSubsetOf(all));
  const bootCore = unionOf(whole.filter(core => first !== undefined && core.cpus.has(first)).map(core => core.cpus));
  const cpus = unionOf(whole.map(core => core.cpus)).difference(bootCore);
  const ownersOf = (some: CpuSet) => owned.filter(one => !one.cpus.isDisjointFrom(some)).map(({ vmid }) => vmid);
  const containers = dedicated.filter(({ kind }) => kind === 'container');
  const left: readonly LeftCpus[] = [
    { cpus: bootCore, vmids: ownersOf(bootCore), why: 'boot-core' },
    {
      cpus: all.difference(cpus).difference(bootCore),
      vmids: ownersOf(all.difference(cpus).difference(bootCore)),
      why: 'shared-core',
    },
    { cpus: unionOf(containers.map(ownCpus)), vmids: containers.map(({ vmid }) => vmid), why: 'container' },
  ];
  return { cpus, vmids: ownersOf(cpus), leftCpus: left.filter(one => !one.cpus.isEmpty) };
}

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
