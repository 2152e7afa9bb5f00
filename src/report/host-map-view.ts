// The host as a map shows it: packages, their nodes, their LLC domains, their cores, and who is on each CPU.
import type { Core, CoreKind, LlcDomain, NumaNode } from '#domain/host-topology.ts';
import { type CpuSet, cpuSet, unionOf } from '#domain/id-set.ts';
import type { CpuId, PackageId } from '#domain/ids.ts';
import type { Inventory, NodeMemory } from '#domain/inventory.ts';
import { type MapGuest, makeMapGuests } from './host-map-guests.ts';
import { renderKib } from './memory-text.ts';

export interface HostMapView {
  readonly inventory: Inventory;
  readonly guests: readonly MapGuest[];
  /** Every online CPU. */
  readonly cpus: ReadonlyMap<CpuId, MapCpu>;
  readonly packages: readonly MapPackage[];
  /** Nodes without cores: memory alone, in no package. */
  readonly memoryNodes: readonly MapNode[];
  readonly offline: CpuSet;
}

export interface MapPackage {
  readonly id: PackageId;
  readonly nodes: readonly MapNode[];
}

/** The part of a node that lies in one package: nearly always all of it. */
export interface MapNode {
  readonly node: NumaNode;
  /** Null when it could not be read. */
  readonly memory: NodeMemory | null;
  readonly llcs: readonly MapLlc[];
}

export interface MapLlc {
  /** Null for cores whose caches the kernel does not show. */
  readonly llc: LlcDomain | null;
  /** Cores of one kind stand together. */
  readonly groups: ReadonlyArray<{ readonly kind: CoreKind; readonly cores: readonly Core[] }>;
}

export interface MapCpu {
  readonly id: CpuId;
  /** Tied guests that may run here; the one that has the CPU for itself first. */
  readonly guests: readonly MapGuest[];
  readonly idleFor: MapGuest | null;
  /** Kept for the host by the placement in force. */
  readonly housekeeping: boolean;
  readonly isolated: boolean;
}

export function makeHostMapView(inventory: Inventory): HostMapView {
  const { topology, placement } = inventory;
  const guests = makeMapGuests(inventory);
  const housekeeping = placement?.housekeeping ?? cpuSet();
  const tied = guests.filter(guest => guest.tied);
  const cpus = topology.online.ids.map((id): [CpuId, MapCpu] => [
    id,
    {
      id,
      guests: tied.filter(guest => guest.cpus.has(id)).sort(dedicatedFirst),
      idleFor: tied.find(guest => guest.idle.has(id)) ?? null,
      housekeeping: housekeeping.has(id),
      isolated: topology.isolated.has(id),
    },
  ]);
  return {
    inventory,
    guests,
    cpus: new Map(cpus),
    packages: makePackages(inventory),
    memoryNodes: topology.nodes
      .filter(node => !topology.cores.some(core => core.node === node.id))
      .map(node => ({ node, memory: memoryOf(inventory, node), llcs: [] })),
    offline: topology.present.difference(topology.online),
  };
}

/** What stands for a CPU's use in one word: `101`, `101+1` (and one more), `(101)` kept idle, `host`, or `·` for whoever comes. */
export function cpuLabel({ guests: [first, ...others], idleFor, housekeeping }: MapCpu): string {
  if (first) return others.length === 0 ? `${first.guest.vmid}` : `${first.guest.vmid}+${others.length}`;
  if (idleFor) return `(${idleFor.guest.vmid})`;
  return housekeeping ? 'host' : '·';
}

/** The tied guest whose colour a CPU takes. */
export const cpuOwner = ({ guests, idleFor }: MapCpu): MapGuest | null => guests[0] ?? idleFor;

const dedicatedFirst = (a: MapGuest, b: MapGuest): number =>
  Number(b.class === 'dedicated') - Number(a.class === 'dedicated') || a.guest.vmid - b.guest.vmid;

const memoryOf = (inventory: Inventory, node: NumaNode): NodeMemory | null =>
  inventory.memory.find(memory => memory.node === node.id) ?? null;

function makePackages(inventory: Inventory): readonly MapPackage[] {
  const { packages, nodes, cores } = inventory.topology;
  return packages.map(({ id }) => {
    const inside = cores.filter(core => core.package === id);
    const present = nodes.filter(node => inside.some(core => core.node === node.id));
    return {
      id,
      nodes: present.map(node => ({
        node,
        memory: memoryOf(inventory, node),
        llcs: makeLlcs(
          inventory.topology.llcs,
          inside.filter(core => core.node === node.id),
        ),
      })),
    };
  });
}

function makeLlcs(llcs: readonly LlcDomain[], cores: readonly Core[]): readonly MapLlc[] {
  return [...new Set(cores.map(core => core.llc))].map(id => {
    const inside = cores.filter(core => core.llc === id);
    const kinds = [...new Set(inside.map(core => core.kind))];
    return {
      llc: llcs.find(llc => llc.id === id) ?? null,
      groups: kinds.map(kind => ({ kind, cores: inside.filter(core => core.kind === kind) })),
    };
  });
}

/** `L3 20 MiB` and its like, `L3 96 MiB large`; `no cache information` where there is none. */
export function llcTitle(llc: LlcDomain | null): string {
  if (!llc) return 'no cache information';
  if (llc.sizeKiB === null) return `L${llc.level}`;
  return `L${llc.level} ${renderKib(llc.sizeKiB)}${llc.large ? ' large' : ''}`;
}

const MEMORY_WORDS = { hbm: 'high-bandwidth memory', pmem: 'persistent memory', cxl: 'CXL memory' } as const;

/** One word where the kind of a node's memory is known, else none. */
export const memoryKindWords = ({ memoryKind }: NumaNode): readonly string[] =>
  memoryKind === undefined || memoryKind === 'unknown' ? [] : [MEMORY_WORDS[memoryKind]];

/** All CPUs of an LLC domain that lie here. */
export const llcCpus = ({ groups }: MapLlc): CpuSet =>
  unionOf(groups.flatMap(({ cores }) => cores.map(core => core.cpus)));
