// A plan for people: where guests go and why, what will change, what it costs.

import { encodeIdList } from '#domain/id-list.ts';
import type { VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { GuestPlacement } from '#domain/placement.ts';
import type { AimName, Plan } from '#domain/plan.ts';
import { renderChanges } from './changes-text.ts';
import { renderFindings } from './findings-text.ts';
import { renderMib } from './memory-text.ts';
import type { Paint } from './paint.ts';
import { printable } from './printable.ts';
import { describeReason } from './reason-text.ts';

export function renderPlan(plan: Plan, inventory: Inventory, paint: Paint): string {
  const { placement } = plan;
  const special = placement.guests.filter(guest => guest.class !== 'shared');
  const shared = placement.guests.filter(guest => guest.class === 'shared');
  const lines = [
    `${paint.bold(`Plan for ${plan.node}`)}${inventory.simulated ? paint.warn('  [simulated]') : ''}`,
    `Kept for the host: CPUs ${encodeIdList(placement.housekeeping)}`,
    '',
    ...special.flatMap(guest => renderGuest(guest, plan, inventory, paint)),
    ...(shared.length > 0 ? renderShared(shared, inventory, paint) : []),
    ...(special.length === 0 ? ['No guest is dedicated or confined: every guest may run on every CPU.', ''] : []),
    ...renderChanges(plan.changes, paint),
    '',
    renderProof(plan, paint),
    ...(plan.advice.length > 0 ? ['', ...renderFindings(plan.advice, paint)] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** One guest: what it gets, then why. */
export function renderGuest(guest: GuestPlacement, plan: Plan, inventory: Inventory, paint: Paint): string[] {
  const reasons = plan.explanations.find(({ vmid }) => vmid === guest.vmid)?.reasons ?? [];
  const why = reasons.map(describeReason).join('; ');
  return [
    `${paint.bold(`${guest.vmid}`)} ${nameOf(guest.vmid, inventory)}  ${describeClass(guest)}`,
    ...describeCpus(guest).map(line => `    ${line}`),
    ...describeMemory(guest).map(line => `    ${line}`),
    paint.dim(`    because ${why}`),
    '',
  ];
}

function describeClass({ class: guestClass, smt, kind }: GuestPlacement): string {
  return `${kind === 'vm' ? 'VM' : 'container'}, ${guestClass}${guestClass === 'dedicated' ? ` (smt: ${smt})` : ''}`;
}

function describeCpus(guest: GuestPlacement): string[] {
  const nodes = `${guest.nodes.size === 1 ? 'node' : 'nodes'} ${encodeIdList(guest.nodes)}`;
  if (guest.class !== 'dedicated' || guest.kind === 'container')
    return [`CPUs ${encodeIdList(guest.affinity)} on ${nodes}`];
  const pins = guest.vcpus.map((cpus, vcpu) => `${vcpu}→${encodeIdList(cpus)}`).join(' ');
  return [`vCPU→CPU ${pins} on ${nodes}`, `emulator threads on CPUs ${encodeIdList(guest.emulator)}`];
}

function describeMemory({ memory }: GuestPlacement): string[] {
  if (memory === null) return [];
  const parts = memory.parts.map(part => `${renderMib(part.memoryMiB)} on node ${part.hostNode}`);
  return [`memory ${parts.join(', ')} (${memory.policy})`];
}

function renderShared(guests: readonly GuestPlacement[], inventory: Inventory, paint: Paint): string[] {
  const rows = guests.map(
    ({ vmid, affinity }) => `    ${vmid} ${nameOf(vmid, inventory)}: CPUs ${encodeIdList(affinity)}`,
  );
  const who = guests.length === 1 ? '1 guest keeps' : `${guests.length} guests keep`;
  return [`${paint.bold('Shared')}: ${who} to what is left`, ...rows, ''];
}

const AIM_NAMES: Readonly<Record<AimName, string>> = {
  nodes: 'NUMA nodes used by guests, in sum',
  distance: 'distance inside guests',
  deviceDistance: 'distance from guests to their passthrough devices',
  llcs: 'last-level caches used by guests, in sum',
  smallCache: 'vCPUs outside the large caches that their guests want',
  efficiencyCores: 'vCPUs on efficiency cores',
  imbalance: 'uneven split over nodes',
  memoryElsewhere: 'GiB that lie elsewhere until a restart',
  sharedCores: 'cores shared between guests',
  pressure: 'crowding of confined guests',
  nodeFragmentation: 'cores lost for the largest guest in one node',
  llcFragmentation: 'cores lost for the largest guest in one cache',
  moves: 'vCPUs that move',
};

/** How much better the first open aim could be. */
const possibleGain = ({ distance }: Extract<Plan['proof'], { kind: 'unproved' }>): string =>
  distance === undefined || distance === 0 ? '' : `, which could be smaller by up to ${distance}`;

export function renderProof({ aims, proof }: Plan, paint: Paint): string {
  const costs = aims.filter(({ value }) => value > 0).map(({ aim, value }) => `${AIM_NAMES[aim]}: ${value}`);
  const verdict =
    proof.kind === 'optimal'
      ? `${paint.good('Optimal')}: no other plan is better by these measures`
      : `${paint.warn('Not proved optimal')}: the search ended before it could rule out a better plan, from "${AIM_NAMES[proof.firstUnproved]}" on${possibleGain(proof)}`;
  return costs.length === 0 ? `${verdict}.` : `${verdict}. Cost: ${costs.join('; ')}.`;
}

export function nameOf(vmid: VmId, inventory: Inventory): string {
  const name = inventory.guests.find(guest => guest.vmid === vmid)?.name;
  return name ? printable(name) : '';
}
