// A place for one more VM among those that are placed already, none of which moves.
import type { HostTopology } from '#domain/host-topology.ts';
import { type CpuSet, cpuSet, unionOf } from '#domain/id-set.ts';
import type { VmId } from '#domain/ids.ts';
import { type GuestPlacement, type Placement, reservedCpus } from '#domain/placement.ts';
import type { Infeasible, Plan } from '#domain/plan.ts';
import type { Wishes } from '#domain/policy.ts';
import type { Hold } from './demand.ts';
import { makeHousekeeping } from './housekeeping.ts';
import { limitTopology } from './limit-topology.ts';
import { makePlan, type PlanInput } from './make-plan.ts';

export type Arrival =
  | { readonly kind: 'placed'; readonly guest: GuestPlacement; readonly placement: Placement }
  | { readonly kind: 'no-room'; readonly why: Infeasible }
  /** No such VM here, or the policy does not want it placed. */
  | { readonly kind: 'unwanted' };

/**
 * The VM gets what nobody has for itself. Confined guests stay where they are, with fewer CPUs when a dedicated newcomer takes some
 * and enough are left. Its config is left alone: `affinity` and `numaN` would travel on with it.
 */
export function makeArrival(input: PlanInput, vmid: VmId): Arrival {
  const { inventory, wishes } = input;
  const arriving = inventory.guests.find(guest => guest.vmid === vmid);
  const wish = wishes.get(vmid);
  if (arriving?.kind !== 'vm' || arriving.template || !wish || wish.class === 'shared') return { kind: 'unwanted' };
  const inForce = inventory.placement ?? emptyPlacement(input);
  const others = inForce.guests.filter(guest => guest.vmid !== vmid);
  const planned = planBeside({ ...inForce, guests: others }, { input, vmid, wish });
  if (planned.kind === 'infeasible') return { kind: 'no-room', why: planned };
  const placed = planned.placement.guests.find(guest => guest.vmid === vmid);
  if (!placed) return { kind: 'unwanted' };
  const guest: GuestPlacement = { ...placed, affinity: cpuSet(), memory: null, config: 'runtime', arrived: true };
  const taken = cpuSet(reservedCpus({ ...inForce, guests: [guest] }, inventory.topology).keys());
  const guests = [...others.map(other => narrow(other, taken)), guest].sort((a, b) => a.vmid - b.vmid);
  return { kind: 'placed', guest, placement: { ...inForce, guests } };
}

/** A plan on what dedicated guests leave, for the newcomer and for confined guests, which are held in their place. */
function planBeside(
  inForce: Placement,
  { input, vmid, wish }: { readonly input: PlanInput; readonly vmid: VmId; readonly wish: Wishes },
): Plan | Infeasible {
  const { inventory, wishes } = input;
  const owned = cpuSet(reservedCpus(inForce, inventory.topology).keys());
  const topology = limitTopology(inventory.topology, inventory.topology.online.difference(owned));
  const confined = inForce.guests.filter(guest => guest.class === 'confined');
  const dedicated = inForce.guests.filter(guest => guest.class === 'dedicated');
  const holds = new Map(confined.map(guest => [guest.vmid, holdOf(guest, topology)]));
  const wishOf = (id: VmId, own: Wishes): Wishes => {
    const hold = holds.get(id);
    if (id === vmid) return { ...wish, ksm: 'leave' };
    if (hold === undefined) return { ...own, class: 'shared' };
    return { ...own, class: 'confined', span: hold.allowedLlcs === null ? 'node' : 'llc' };
  };
  return makePlan({
    ...input,
    inventory: {
      ...inventory,
      topology,
      guests: inventory.guests.filter(guest => !dedicated.some(other => other.vmid === guest.vmid)),
      placement: null,
    },
    wishes: new Map([...wishes].map(([id, own]) => [id, wishOf(id, own)])),
    held: holds,
    housekeeping: { coresPerNode: null, cpus: inForce.housekeeping },
  });
}

function holdOf({ nodes, affinity, vcpus }: GuestPlacement, { llcs }: HostTopology): Hold {
  const cpus = affinity.isEmpty ? unionOf(vcpus) : affinity;
  const llc = llcs.find(domain => cpus.isSubsetOf(domain.cpus));
  return { allowedNodes: new Set(nodes), allowedLlcs: llc ? new Set([llc.id]) : null };
}

/** Its config stays as it is: the mask that it starts with is narrowed by whoever pins it. */
function narrow(guest: GuestPlacement, taken: CpuSet): GuestPlacement {
  if (guest.class !== 'confined') return guest;
  const left = (cpus: CpuSet) => cpus.difference(taken);
  return { ...guest, vcpus: guest.vcpus.map(left), emulator: left(guest.emulator) };
}

const emptyPlacement = (input: PlanInput): Placement => ({
  node: input.inventory.node,
  isolation: 'none',
  housekeeping: makeHousekeeping(input, input.housekeeping),
  guests: [],
});
