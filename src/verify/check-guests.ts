// Rules about who is placed: known guests, what the policy asked for, vCPU counts, and everybody else kept off.
import { type Finding, finding } from '#domain/finding.ts';
import { isSameGuest } from '#domain/guest.ts';
import type { HostTopology } from '#domain/host-topology.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { type CpuSet, cpuSet, unionOf } from '#domain/id-set.ts';
import { type GuestPlacement, ownCpus } from '#domain/placement.ts';
import type { Wishes } from '#domain/policy.ts';
import type { CheckInput, PlacedGuest } from './check-plan.ts';

/** The placement holds guests of this host only, and gives each what the policy asks for. */
export function* checkWishes({ inventory, placement, wishes }: CheckInput): Generator<Finding> {
  for (const placed of placement.guests) {
    const guest = inventory.guests.find(({ vmid, kind }) => vmid === placed.vmid && kind === placed.kind);
    if (!guest) yield finding('plan-guest-unknown', 'error', { vmid: placed.vmid });
    else if (!isSameGuest(guest.identity, placed.identity)) {
      yield finding('plan-identity-changed', 'error', { vmid: placed.vmid });
    }
  }
  for (const guest of inventory.guests) {
    const wanted = guest.template ? 'shared' : (wishes.get(guest.vmid)?.class ?? 'shared');
    const placed = placement.guests.find(({ vmid }) => vmid === guest.vmid)?.class ?? 'shared';
    if (wanted !== placed) yield finding('plan-policy-ignored', 'error', { vmid: guest.vmid, class: placed, wanted });
  }
  for (const placed of placement.guests) {
    const wish = wishes.get(placed.vmid);
    for (const [is, wanted] of wish ? ignoredAtRunTime(placed, wish) : []) {
      yield finding('plan-policy-ignored', 'error', { vmid: placed.vmid, class: is, wanted });
    }
    if (!wish || wish.class !== placed.class) continue;
    for (const [is, wanted] of ignoredWishes(placed, wish, { inventory, placement })) {
      yield finding('plan-policy-ignored', 'error', { vmid: placed.vmid, class: is, wanted });
    }
  }
}

/** What the policy says of every guest, whatever its class. */
function* ignoredAtRunTime(placed: GuestPlacement, wish: Wishes): Generator<[is: string, wanted: string]> {
  const pairs = [
    ['config', placed.config ?? 'write', wish.config ?? 'write'],
    ['strict', placed.strict ?? false, wish.strict ?? false],
    ['whileCopied', placed.whileCopied ?? 'widen', wish.whileCopied ?? 'widen'],
  ];
  for (const [key, is, wanted] of pairs) if (is !== wanted) yield [`${key}: ${is}`, `${key}: ${wanted}`];
}

const PAGE_VALUES = { '1G': '1024', '2M': '2', none: null } as const;

/** The wishes besides the class, as what the plan makes of them and what was wanted. */
function* ignoredWishes(
  placed: GuestPlacement,
  wish: Wishes,
  { inventory, placement }: Pick<CheckInput, 'inventory' | 'placement'>,
): Generator<[is: string, wanted: string]> {
  if (placed.class === 'dedicated') {
    if (wish.smt !== 'auto' && placed.smt !== wish.smt) yield [`smt: ${placed.smt}`, `smt: ${wish.smt}`];
    const hasOwn = placed.emulator.isDisjointFrom(placement.housekeeping);
    if (placed.kind === 'vm' && wish.emulator === 'own' && !hasOwn) yield ['emulator: housekeeping', 'emulator: own'];
  }
  if (placed.class === 'confined' && !isInOneDomain(placed.affinity, wish.span, inventory.topology)) {
    yield [`confined to CPUs ${encodeIdList(placed.affinity)}`, `confined to one ${wish.span}`];
  }
  const pages = placed.hugepages;
  const wanted = wish.hugepages === undefined ? undefined : PAGE_VALUES[wish.hugepages];
  if (pages !== undefined && pages !== wanted) {
    yield [`hugepages: ${pages ?? 'none'}`, `hugepages: ${wish.hugepages ?? 'as configured'}`];
  }
  const canUnmerge = placed.kind === 'vm' && placed.class !== 'shared' && inventory.ksmKey === 'known';
  const ksm = [placed.ksm ?? 'leave', canUnmerge ? (wish.ksm ?? 'leave') : 'leave'] as const;
  if (ksm[0] !== ksm[1]) yield [`ksm: ${ksm[0]}`, `ksm: ${ksm[1]}`];
  if (placed.memory !== null && placed.memory.policy !== wish.memory) {
    yield [`memory: ${placed.memory.policy}`, `memory: ${wish.memory}`];
  }
}

/** Where the kernel shows no caches, a node is the smallest domain. */
function isInOneDomain(cpus: CpuSet, span: Wishes['span'], { nodes, llcs }: HostTopology): boolean {
  const isInOneNode = nodes.some(node => cpus.isSubsetOf(node.cpus));
  return isInOneNode && (span === 'node' || llcs.length === 0 || llcs.some(llc => cpus.isSubsetOf(llc.cpus)));
}

/** Guests without a placement of their own could start on any CPU: none may be left out while CPUs are reserved. */
export function* checkOthersKeptOff({ inventory, placement, reserved }: CheckInput): Generator<Finding> {
  const cpus = cpuSet(reserved.keys());
  if (cpus.isEmpty) return;
  for (const { vmid, template } of inventory.guests) {
    const isPlaced = placement.guests.some(placed => placed.vmid === vmid);
    if (!template && !isPlaced) yield finding('plan-not-kept-off', 'error', { vmid, cpus });
  }
}

/** Enough CPUs for the guest, all its sets inside what it starts with, nothing of it on others' CPUs. */
export function* checkGuestFits(
  { guest, placed }: PlacedGuest,
  { inventory, reserved }: CheckInput,
): Generator<Finding> {
  const { vmid } = placed;
  if (guest.kind === 'vm' && placed.vcpus.length !== guest.vcpus) {
    const counts = { planned: placed.vcpus.length, configured: guest.vcpus };
    yield finding('plan-vcpus-mismatch', 'error', { vmid, ...counts });
  }
  const needed = unionOf(placed.vcpus).union(placed.emulator);
  if (!needed.isSubsetOf(placed.affinity)) {
    yield finding('plan-affinity-mismatch', 'error', { vmid, affinity: placed.affinity, needed });
  }
  const foreign = placed.affinity.filter(cpu => (reserved.get(cpu) ?? vmid) !== vmid);
  if (!foreign.isEmpty) yield finding('plan-not-kept-off', 'error', { vmid, cpus: foreign });
  const onOwn = guest.kind === 'vm' ? placed.emulator.intersection(ownCpus(placed)) : cpuSet();
  if (!onOwn.isEmpty) yield finding('plan-emulator-on-dedicated', 'error', { vmid, cpus: onOwn });
  const wanted = wantedCpus({ guest, placed }, inventory.topology.online.size);
  if (placed.affinity.size < wanted) {
    yield finding('plan-too-few-cpus', 'error', { vmid, wanted, usable: placed.affinity.size });
  }
}

/** Containers keep as many CPUs as they ask for, where that is fewer than all; confined VMs have one for each vCPU; nobody has none. */
function wantedCpus({ guest, placed }: PlacedGuest, online: number): number {
  if (guest.kind === 'container') return guest.cores === null || guest.cores >= online ? 1 : guest.cores;
  return placed.class === 'confined' ? Math.max(1, guest.vcpus) : 1;
}
