// Takes guests over that somebody has pinned by hand: the placement that is true of them now, without a single change.
import type { AdoptedGuest, Adoption, LeftGuest, NotAdopted } from '#domain/adoption.ts';
import { type Guest, isSameGuest } from '#domain/guest.ts';
import type { HostTopology } from '#domain/host-topology.ts';
import { type CpuSet, cpuSet, type NodeSet, nodeSet, unionOf } from '#domain/id-set.ts';
import type { VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import { type GuestPlacement, reservedCpus } from '#domain/placement.ts';
import type { Housekeeping, Policy, SmtPolicy } from '#domain/policy.ts';
import { foundValues } from './found-values.ts';
import { findHandPins, type HandPins, pinnedTo } from './hand-pins.ts';
import { makeHousekeeping } from './housekeeping.ts';

export interface AdoptionInput {
  readonly inventory: Inventory;
  readonly policy: Pick<Policy, 'housekeeping' | 'guests'>;
  /** Only these; null for every guest that is pinned. */
  readonly only: ReadonlySet<VmId> | null;
}

interface Pinned {
  readonly guest: Guest;
  readonly pins: HandPins;
}

/**
 * 1. Look at every guest's masks; leave those in which no placement can be seen.
 * 2. Leave those whose own CPUs another pinned guest has too.
 * 3. One CPU for each vCPU is dedicated when nobody else may run there, else it is in force as confined; the policy says what was meant.
 */
export function makeAdoption({ inventory, policy, only }: AdoptionInput): Adoption {
  const { topology, placement } = inventory;
  const pinned: Pinned[] = [];
  const left: LeftGuest[] = [];
  for (const guest of inventory.guests) {
    const isAsked = only === null || only.has(guest.vmid);
    const pins = findHandPins(guest, topology);
    if (pins.kind !== 'left') pinned.push({ guest, pins });
    const why = isPlaced(guest, inventory) ? ({ kind: 'placed' } as const) : pins.kind === 'left' ? pins.why : null;
    const isSilent = why === null || (only === null && SILENT.includes(why.kind));
    if (isAsked && !isSilent) left.push({ vmid: guest.vmid, why });
  }
  const free = pinned.filter(({ guest }) => !isPlaced(guest, inventory) && (only === null || only.has(guest.vmid)));
  const clashes = new Map(free.map(one => [one, findOverlap(one, pinned, inventory)] as const));
  for (const [{ guest }, why] of clashes) if (why !== null) left.push({ vmid: guest.vmid, why });
  const taken = free.filter(one => clashes.get(one) === null);
  const adopted = taken.map(one => adoptGuest(one, taken, { inventory, policy }));
  const guests = [...(placement?.guests ?? []), ...adopted.map(({ placed }) => placed)];
  return {
    node: inventory.node,
    adopted,
    left: left.sort((a, b) => a.vmid - b.vmid),
    placement: {
      node: inventory.node,
      isolation: placement?.isolation ?? 'none',
      ...(placement?.interrupts && { interrupts: placement.interrupts }),
      ...(placement?.layers && { layers: placement.layers }),
      housekeeping: makeAdoptedHousekeeping(guests, inventory, policy.housekeeping),
      guests: guests.sort((a, b) => a.vmid - b.vmid),
    },
  };
}

/** Said only of guests that were asked for. */
const SILENT: readonly NotAdopted['kind'][] = ['not-pinned', 'template', 'placed'];

function isPlaced({ vmid, identity }: Guest, { placement }: Inventory): boolean {
  return placement?.guests.some(placed => placed.vmid === vmid && isSameGuest(placed.identity, identity)) ?? false;
}

/** Confined guests may share CPUs with each other; a CPU that one vCPU was meant to have alone is another matter. */
function findOverlap(one: Pinned, pinned: readonly Pinned[], { placement, topology }: Inventory): NotAdopted | null {
  const own = pinnedTo(one.pins);
  const owners = placement === null ? [] : [...reservedCpus(placement, topology)];
  const reserved = owners.filter(([cpu, owner]) => own.has(cpu) && owner !== one.guest.vmid);
  const twice = pinned.flatMap(({ guest, pins }) => {
    const isOther = guest !== one.guest && [one.pins.kind, pins.kind].includes('single');
    const shared = isOther ? own.intersection(pinnedTo(pins)) : cpuSet();
    // A mask around another guest's CPUs is that other guest's trouble.
    return shared.isEmpty || one.pins.kind === 'mask' ? [] : [{ vmid: guest.vmid, shared }];
  });
  const cpus = unionOf([cpuSet(reserved.map(([cpu]) => cpu)), ...twice.map(({ shared }) => shared)]);
  if (cpus.isEmpty) return null;
  const others = new Set([...reserved.map(([, owner]) => owner), ...twice.map(({ vmid }) => vmid)]);
  return { kind: 'overlap', cpus, others: [...others].sort((a, b) => a - b) };
}

function adoptGuest(
  { guest, pins }: Pinned,
  taken: readonly Pinned[],
  { inventory, policy }: Pick<AdoptionInput, 'inventory' | 'policy'>,
): AdoptedGuest {
  const { topology } = inventory;
  const own = pinnedTo(pins);
  const beside = pins.kind === 'single' ? findNeighbours(guest, own, taken, inventory) : [];
  const cpuNodes = nodesOf(own, topology);
  const memoryElsewhere = memoryNodes(guest).difference(cpuNodes);
  const smt = pins.kind === 'single' ? smtOf(pins.vcpus, topology) : 'any';
  const placed: GuestPlacement = {
    vmid: guest.vmid,
    kind: guest.kind,
    identity: guest.identity,
    class: pins.kind === 'single' && beside.length === 0 ? 'dedicated' : 'confined',
    smt,
    vcpus: pins.vcpus,
    emulator: pins.emulator,
    affinity: pins.affinity,
    nodes: cpuNodes.union(memoryElsewhere),
    memory: null,
    found: foundValues(guest, null),
  };
  const wishes = policy.guests.has(guest.vmid) ? null : makeWish(guest, pins, smt, topology);
  return { placed, wishes, beside, memoryElsewhere };
}

function makeWish(guest: Guest, pins: HandPins, smt: SmtPolicy, topology: HostTopology): AdoptedGuest['wishes'] {
  const bind = guest.kind === 'vm' && guest.numa && guest.numaNodes.some(({ policy }) => policy === 'bind');
  const memory = bind ? ([['memory', 'bind']] as const) : [];
  const own = pinnedTo(pins);
  if (pins.kind === 'single') {
    const hasSiblings = topology.cores.some(core => core.cpus.size > 1 && !core.cpus.isDisjointFrom(own));
    return [['class', 'dedicated'], ...(hasSiblings ? [['smt', smt] as const] : []), ...memory];
  }
  const node = topology.nodes.find(({ cpus }) => own.isSubsetOf(cpus));
  const isNarrower = topology.llcs.some(({ cpus }) => own.isSubsetOf(cpus) && node?.cpus.isSubsetOf(cpus) === false);
  return [['class', 'confined'], ...(isNarrower ? [['span', 'llc'] as const] : []), ...memory];
}

/** Running guests with a thread that may run on these CPUs; of those that stay without a placement also on their siblings. */
function findNeighbours(guest: Guest, own: CpuSet, taken: readonly Pinned[], { guests, topology }: Inventory): VmId[] {
  const cores = unionOf(topology.cores.filter(({ cpus }) => !cpus.isDisjointFrom(own)).map(({ cpus }) => cpus));
  return guests
    .filter(other => other.vmid !== guest.vmid)
    .filter(other => {
      const isTaken = taken.some(one => one.guest.vmid === other.vmid);
      return !allowedCpus(other, topology).isDisjointFrom(isTaken ? own : cores);
    })
    .map(({ vmid }) => vmid);
}

/** All CPUs on which a guest may run now: every one when its threads are not known. */
function allowedCpus({ runtime, kind }: Guest, { online }: HostTopology): CpuSet {
  if (runtime === null) return cpuSet();
  if (kind === 'container') return runtime.effective;
  if (runtime.unreadable !== undefined) return online;
  return unionOf(runtime.threads.map(({ allowed }) => allowed)).intersection(online);
}

function smtOf(vcpus: readonly CpuSet[], { cores }: HostTopology): SmtPolicy {
  const coreOf = (cpus: CpuSet | undefined) => cores.find(core => cpus?.isSubsetOf(core.cpus))?.id;
  const used = vcpus.map(coreOf);
  if (new Set(used).size === used.length) return 'isolate';
  const isPaired = used.length % 2 === 0 && used.every((core, index) => core === used[index - (index % 2)]);
  return isPaired && new Set(used).size * 2 === used.length ? 'pairs' : 'any';
}

/** Nodes that hold more than a trace of it: QEMU's own pages and shared libraries lie anywhere. */
function memoryNodes({ kind, runtime }: Guest): NodeSet {
  const resident = kind === 'vm' ? (runtime?.residentMiB ?? null) : null;
  if (resident === null) return nodeSet();
  const sum = [...resident.values()].reduce((total, held) => total + held, 0);
  const trace = Math.max(LARGEST_TRACE_MIB, sum * TRACE_SHARE) / Math.max(1, resident.size - 1);
  return nodeSet([...resident].filter(([, held]) => held > trace).map(([node]) => node));
}

/** Together on all nodes no more than what `verify` tolerates. */
const LARGEST_TRACE_MIB = 128;
const TRACE_SHARE = 0.05;

const nodesOf = (cpus: CpuSet, { nodes }: HostTopology): NodeSet =>
  nodeSet(nodes.filter(node => !node.cpus.isDisjointFrom(cpus)).map(({ id }) => id));

/** What the policy keeps, and where emulator threads run, without the cores of dedicated guests: what is in force, not what is wanted. */
function makeAdoptedHousekeeping(
  guests: readonly GuestPlacement[],
  inventory: Inventory,
  wanted: Housekeeping,
): CpuSet {
  const { topology, placement } = inventory;
  const dedicated = guests.filter(guest => guest.class === 'dedicated');
  const own = unionOf(dedicated.flatMap(guest => guest.vcpus));
  const cores = unionOf(topology.cores.filter(({ cpus }) => !cpus.isDisjointFrom(own)).map(({ cpus }) => cpus));
  const kept = placement?.housekeeping ?? makeHousekeeping({ inventory, wishes: new Map() }, wanted);
  return unionOf([kept, ...dedicated.map(guest => guest.emulator)]).difference(cores);
}
