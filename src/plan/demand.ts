// What each guest asks of the host, as the search sees it.
import type { Guest, VmGuest } from '#domain/guest.ts';
import { type CpuSet, cpuSet, unionOf } from '#domain/id-set.ts';
import type { LlcId, NumaNodeId, VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import { ownCpus } from '#domain/placement.ts';
import type { SmtPolicy, Wishes } from '#domain/policy.ts';
import { planHugepages } from './hugepages.ts';

export interface Demand {
  readonly vmid: VmId;
  readonly class: 'dedicated' | 'confined';
  readonly vcpus: number;
  readonly smt: SmtPolicy;
  /** Whole cores for emulator threads, besides the vCPUs'. */
  readonly emulatorCores: number;
  readonly span: 'llc' | 'node';
  readonly memoryMiB: number;
  /** The unit of its memory: Proxmox starts no VM whose NUMA nodes are not made of whole hugepages. */
  readonly pageMiB: number;
  readonly priority: number;
  /** The node of each passthrough device that it should be near to. */
  readonly deviceNodes: readonly NumaNodeId[];
  readonly wantsLargeCache: boolean;
  /** Where its vCPUs are now: the placement in force, else threads that are already pinned one to one. */
  readonly present: CpuSet;
  /** The cores that its emulator threads have for themselves in the placement in force. */
  readonly presentEmulator: CpuSet;
  readonly presentNodes: ReadonlySet<NumaNodeId>;
  /** MiB by node that it holds now; counts as free for itself. */
  readonly residentMiB: ReadonlyMap<NumaNodeId, number>;
  /** What it holds stays where it is until its next start: a device has its pages pinned. Nobody else can have it before. */
  readonly pinsPages: boolean;
  /** MiB by node in the placement in force; empty where that says nothing of memory. */
  readonly presentMiB: ReadonlyMap<NumaNodeId, number>;
  /** Whether its memory may lie in another proportion than its vCPUs: not in hugepages, not while a device has it pinned, and not where nothing may be said of it. */
  readonly mayBeLean: boolean;
  /** Nodes that it may use; null: any. */
  readonly allowedNodes: ReadonlySet<NumaNodeId> | null;
  /** LLC domains that it may use; null: any. */
  readonly allowedLlcs: ReadonlySet<LlcId> | null;
}

/** Where a guest is held while something is tried out. */
export type Hold = Pick<Demand, 'allowedNodes' | 'allowedLlcs'>;

/** The guests that the policy wants dedicated or confined; templates never run and claim nothing. Dedicated first, by priority, then size. */
export function makeDemands(
  inventory: Inventory,
  wishes: ReadonlyMap<VmId, Wishes>,
  autoSmt: 'isolate' | 'any',
): readonly Demand[] {
  const wanted = inventory.guests.flatMap(guest => {
    const wish = wishes.get(guest.vmid);
    return !wish || wish.class === 'shared' || guest.template ? [] : [{ guest, wish, class: wish.class }];
  });
  const isAlone = wanted.filter(({ wish }) => wish.class === 'dedicated').length === 1;
  const demands = wanted.map(one => makeDemand({ ...one, autoSmt, isAlone, inventory }));
  const rank = (demand: Demand) => (demand.class === 'dedicated' ? 0 : 1);
  return demands.sort((a, b) => rank(a) - rank(b) || b.priority - a.priority || b.vcpus - a.vcpus || a.vmid - b.vmid);
}

function makeDemand(input: {
  guest: Guest;
  wish: Wishes;
  class: 'dedicated' | 'confined';
  autoSmt: 'isolate' | 'any';
  /** No other guest is dedicated. */
  isAlone: boolean;
  inventory: Inventory;
}): Demand {
  const { guest, wish, inventory } = input;
  const placed = inventory.placement?.guests.find(({ vmid }) => vmid === guest.vmid);
  const pages = planHugepages(guest, wish, inventory);
  const pagesMiB = guest.kind === 'vm' ? pageMiB(pages.kind === 'set' ? pages.value : guest.hugepages) : 1;
  const pinsPages = guest.kind === 'vm' && guest.passthrough && guest.runtime !== null;
  const emulatorCores = input.class === 'dedicated' && guest.kind === 'vm' && wish.emulator === 'own' ? 1 : 0;
  const present = placed && placed.class === input.class ? presentOf(placed, input.class) : pinnedCpus(guest);
  return {
    vmid: guest.vmid,
    class: input.class,
    vcpus: guest.kind === 'vm' ? guest.vcpus : (guest.cores ?? 0),
    smt: wish.smt === 'auto' ? input.autoSmt : wish.smt,
    emulatorCores,
    span: wish.span,
    // A container's memory is not placed: Proxmox has no setting for it.
    memoryMiB: guest.kind === 'vm' ? guest.memoryMiB : 0,
    pageMiB: pagesMiB,
    priority: wish.priority,
    deviceNodes: guest.kind === 'vm' ? nearNodes(guest, wish) : [],
    wantsLargeCache: wish.cache === 'large' || (wish.cache === 'auto' && input.isAlone && input.class === 'dedicated'),
    present,
    presentEmulator: emulatorCores > 0 && placed?.class === 'dedicated' ? placed.emulator : cpuSet(),
    presentNodes: new Set(placed?.nodes ?? []),
    residentMiB: (guest.kind === 'vm' && guest.runtime?.residentMiB) || new Map(),
    pinsPages,
    presentMiB: new Map(placed?.memory?.parts.map(({ hostNode, memoryMiB }) => [hostNode, memoryMiB])),
    mayBeLean: guest.kind === 'vm' && !guest.memoryHotplug && pagesMiB === 1 && !pinsPages,
    allowedNodes: null,
    allowedLlcs: null,
  };
}

function nearNodes({ deviceNodes }: VmGuest, { near }: Wishes): readonly NumaNodeId[] {
  return [...(deviceNodes ?? [])].filter(([key]) => near?.includes(key) ?? true).map(([, node]) => node);
}

/** With `any` Proxmox takes pages of 2 MiB for a node that is not made of whole GiB. */
function pageMiB(hugepages: string | null): number {
  if (hugepages === null) return 1;
  return hugepages === '1024' ? 1024 : 2;
}

function presentOf(placed: Parameters<typeof ownCpus>[0], kind: 'dedicated' | 'confined'): CpuSet {
  return kind === 'dedicated' ? ownCpus(placed) : placed.affinity;
}

/** CPUs of a running VM whose vCPU threads are pinned to one CPU each. */
function pinnedCpus(guest: Guest): CpuSet {
  if (guest.kind !== 'vm' || !guest.runtime) return cpuSet();
  const masks = guest.runtime.threads.filter(({ role }) => role.kind === 'vcpu').map(({ allowed }) => allowed);
  return masks.every(mask => mask.size === 1) ? unionOf(masks) : cpuSet();
}
