// What an operator should hear beside a plan, though the plan does as asked.
import type { UnitWish } from '#domain/confinement.ts';
import { type Finding, finding } from '#domain/finding.ts';
import type { Guest } from '#domain/guest.ts';
import { hostKind } from '#domain/host-kind.ts';
import { cpuSet } from '#domain/id-set.ts';
import type { VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import { isolatableCpus } from '#domain/isolatable-cpus.ts';
import { type Isolation, type Placement, reservedCpus } from '#domain/placement.ts';
import type { Change } from '#domain/plan.ts';
import type { Housekeeping, Wishes } from '#domain/policy.ts';
import { nextValue, ownHostKeys } from '#proxmox/placement-config.ts';
import { makeStartHost, startBrokenBy } from '#proxmox/predict-next-start.ts';
import { makeDefaultHousekeeping } from './default-housekeeping.ts';
import { ksmAdvice } from './guest-ksm.ts';
import { poolAdvice } from './hugepage-pools.ts';
import { planHugepages } from './hugepages.ts';
import { layerAdvice } from './layer-advice.ts';
import { makeReservation } from './reservation.ts';
import { type NodeTopology, startsElsewhere } from './start-elsewhere.ts';

/** Beyond so many vCPUs for each CPU that is left, what dedicated guests gain is taken from the others. */
const CROWDED = 3;

export interface AdviceInput {
  readonly inventory: Inventory;
  readonly placement: Placement;
  readonly wishes: ReadonlyMap<VmId, Wishes>;
  readonly changes: readonly Change[];
  readonly housekeeping: Housekeeping;
  /** VMs that HA's balancer may move to another node at any time. */
  readonly balanced: ReadonlySet<VmId>;
  /** Other nodes of the cluster. */
  readonly elsewhere: readonly NodeTopology[];
  /** What the policy asks for. */
  readonly isolation: Isolation;
}

export function makeAdvice(input: AdviceInput): readonly Finding[] {
  const { inventory, placement, wishes, changes } = input;
  const placed = placement.guests.filter(guest => guest.class !== 'shared');
  const { nodes } = inventory.topology;
  const advice: Finding[] = [
    ...brokenStarts(changes, inventory),
    ...doNotPin(input),
    ...keptByDefault(input),
    ...reservation(input),
    ...travellers(input),
    ...poolAdvice(placement, inventory),
    ...layerAdvice(inventory, placement),
    ...ksmAdvice(inventory, wishes),
  ];
  const { partitions = 'trusted' } = inventory;
  if (input.isolation === 'partition' && partitions !== 'trusted') {
    advice.push(finding('advice-no-partition', 'warning', { reason: partitions }));
  }
  const { confine = 'possible' } = inventory;
  if (input.isolation === 'confine' && confine !== 'possible') {
    advice.push(finding('advice-no-confine', 'warning', { reason: confine }));
  }
  if (placement.isolation === 'boot') {
    const cpus = isolatableCpus(placement, inventory.topology).cpus.difference(inventory.topology.isolated);
    if (!cpus.isEmpty) advice.push(finding('boot-not-isolated', 'note', { cpus }));
  }
  advice.push(...unitConflicts(input));
  for (const guest of inventory.guests) {
    const reason = guest.kind === 'vm' ? guest.runtime?.unreadable : undefined;
    const isPlaced = placement.guests.some(({ vmid }) => vmid === guest.vmid);
    if (reason !== undefined && isPlaced) advice.push(finding('guest-unread', 'warning', { vmid: guest.vmid, reason }));
  }
  for (const { vmid } of placed) {
    const guest = inventory.guests.find(candidate => candidate.vmid === vmid);
    if (guest?.kind === 'vm' && guest.memoryHotplug && nodes.length > 1) {
      advice.push(finding('advice-memory-hotplug', 'warning', { vmid }));
    }
    const wish = wishes.get(vmid);
    const pages = guest && wish ? planHugepages(guest, wish, inventory) : null;
    if (pages?.kind === 'refused') {
      const facts = { vmid, wanted: wish?.hugepages ?? 'none', obstacle: pages.obstacle };
      advice.push(finding('advice-hugepages', 'warning', facts));
    }
    if (guest?.kind === 'vm' && wish?.memory === 'bind' && wish.config !== 'runtime') {
      advice.push(finding('advice-bind', 'note', { vmid }));
    }
  }
  const balanced = placement.guests.filter(({ class: guestClass, kind, found }) => {
    const wasBalanced = [...found.values()].every(value => value === null);
    return guestClass === 'shared' && kind === 'container' && wasBalanced;
  });
  if (balanced.length > 0) {
    advice.push(finding('advice-containers-balance', 'note', { vmids: balanced.map(({ vmid }) => vmid) }));
  }
  return advice;
}

/** The plan does what the policy says; that it should not be said is another matter. */
function* doNotPin({ inventory, placement, balanced }: AdviceInput): Generator<Finding> {
  const placed = placement.guests.filter(guest => guest.class !== 'shared').map(({ vmid }) => vmid);
  const dedicated = placement.guests.filter(guest => guest.class === 'dedicated').map(({ vmid }) => vmid);
  const { topology, guests } = inventory;
  if (placed.length > 0 && hostKind(topology) === 'small') {
    yield finding('advice-small-host', 'warning', { cores: topology.cores.length, vmids: placed });
  }
  const left = topology.online.difference(cpuSet(reservedCpus(placement, topology).keys()));
  const others = guests.filter(({ vmid, runtime }) => runtime !== null && !dedicated.includes(vmid));
  const vcpus = others.reduce((sum, guest) => sum + ((guest.kind === 'vm' ? guest.pluggedVcpus : guest.cores) ?? 0), 0);
  if (dedicated.length > 0 && vcpus > CROWDED * left.size) {
    yield finding('advice-overcommitted', 'warning', { vmids: dedicated, vcpus, left });
  }
  const limited = guests.filter(guest => dedicated.includes(guest.vmid) && hasCpuLimit(guest)).map(({ vmid }) => vmid);
  if (limited.length > 0) yield finding('advice-cpulimit', 'warning', { vmids: limited });
  const written = new Set(placement.guests.filter(({ config }) => config !== 'runtime').map(({ vmid }) => vmid));
  const moved = placed.filter(vmid => balanced.has(vmid) && written.has(vmid));
  if (moved.length > 0) yield finding('advice-balanced', 'warning', { vmids: moved });
}

/** What goes with a guest to another node, or cannot. */
function* travellers({ placement, wishes, elsewhere }: AdviceInput): Generator<Finding> {
  for (const guest of placement.guests.filter(({ config }) => config === 'runtime')) {
    const { vmid } = guest;
    const keys = ownHostKeys(guest);
    if (keys.length > 0) yield finding('advice-own-keys-travel', 'warning', { vmid, keys });
    const isBound = guest.class !== 'shared' && wishes.get(vmid)?.memory === 'bind';
    if (isBound) yield finding('advice-not-bound', 'warning', { vmid });
  }
  yield* startsElsewhere(placement, elsewhere);
}

/** Of a limit of as many CPUs as it has vCPUs a guest feels nothing; 0 is none. */
function hasCpuLimit(guest: Guest): boolean {
  const limit = Number(nextValue(guest, 'cpulimit') ?? 0);
  return guest.kind === 'vm' && limit > 0 && limit < guest.vcpus;
}

/** Only where the host does something else than anybody would expect of it: one core in every node. */
function* keptByDefault({ inventory, placement, wishes, housekeeping }: AdviceInput): Generator<Finding> {
  const isDefault = housekeeping.cpus === null && housekeeping.coresPerNode === null;
  if (!isDefault || placement.guests.every(guest => guest.class !== 'dedicated')) return;
  const { kind, cpus, more } = makeDefaultHousekeeping({ inventory, wishes });
  const inForce = inventory.placement?.housekeeping;
  const before = inForce === undefined || inForce.equals(cpus) ? null : inForce;
  if (before === null && more === 0 && (kind === 'plain' || kind === 'small')) return;
  yield finding('advice-housekeeping', 'note', { kind, cpus, more, before });
}

/** For whoever has not asked for anything yet. */
function* reservation({ inventory, placement, wishes, housekeeping }: AdviceInput): Generator<Finding> {
  const isSaid = housekeeping.cpus !== null || housekeeping.coresPerNode !== null;
  if (isSaid || placement.guests.some(guest => guest.class !== 'shared')) return;
  const made = makeReservation({ inventory, wishes });
  if (made !== null) yield finding('advice-reservation', 'note', { ...made });
}

/** The planner knows no such plan; should it make one all the same, it says so, and apply refuses it. */
function* brokenStarts(changes: readonly Change[], inventory: Inventory): Generator<Finding> {
  const host = makeStartHost(inventory);
  for (const change of changes) {
    const guest = inventory.guests.find(({ vmid }) => vmid === change.vmid);
    if (change.kind !== 'config' || guest?.kind !== 'vm') continue;
    const problem = startBrokenBy(change.edits, guest, host);
    if (problem === null) continue;
    yield finding('plan-breaks-start', 'error', { vmid: guest.vmid, problem: problem.code, keys: [...problem.keys] });
  }
}

/** With a rung that keeps services off dedicated CPUs, those that ask for nothing else; and VMs whose scope was told to keep to others' CPUs. */
function* unitConflicts({ inventory, placement }: AdviceInput): Generator<Finding> {
  if (placement.isolation !== 'confine' && placement.isolation !== 'partition') return;
  const { online } = inventory.topology;
  const reserved = reservedCpus(placement, inventory.topology);
  for (const { cpus, ...wish } of [...(inventory.unitWishes ?? []), ...inventory.guests.flatMap(scopeWish)]) {
    const there = cpus.intersection(online).filter(cpu => `${reserved.get(cpu)}.scope` !== wish.unit);
    if (there.isEmpty || !there.ids.every(cpu => reserved.has(cpu))) continue;
    yield finding('advice-unit-conflict', 'warning', { ...wish, cpus: there });
  }
}

/** The cpuset of a running VM's own scope: the kernel gives no partition of CPUs on which another scope insists. */
function scopeWish(guest: Guest): UnitWish[] {
  const unit = `${guest.vmid}.scope`;
  const own = guest.kind === 'vm' ? guest.runtime?.cpusets.find(({ cgroup }) => cgroup === `qemu.slice/${unit}`) : null;
  if (own == null) return [];
  return [{ unit, key: 'AllowedCPUs', cpus: own.effective, path: `/sys/fs/cgroup/${own.cgroup}/cpuset.cpus` }];
}
