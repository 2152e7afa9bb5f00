// Puts the judgement of a move together: what is known of the target, the checks, the placement there, the commands.
import type { Guest } from '#domain/guest.ts';
import { isSameGuest } from '#domain/guest.ts';
import type { Inventory } from '#domain/inventory.ts';
import { type MoveBasis, type MoveReport, moveFinding } from '#domain/move.ts';
import type { NodeFacts } from '#domain/node-facts.ts';
import type { GuestPlacement } from '#domain/placement.ts';
import type { Plan } from '#domain/plan.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { openHost } from '#host/open-host.ts';
import { readHaTexts } from '#host/read-ha-texts.ts';
import { missingGuest, readClusterFacts, readConfiguredGuests, refuseUnknownMove } from '#host/read-move-target.ts';
import { readNodeFacts, readPublishedFacts } from '#host/read-node-facts.ts';
import { makeMoveSteps } from '#plan/make-move-steps.ts';
import { makePublishedInventory, type PlanMoveInput, planMove } from '#plan/plan-move.ts';
import { makeWishes } from '#policy/make-wishes.ts';
import { parseRegisteredTags } from '#proxmox/parse-datacenter.ts';
import { parseHaTravelling } from '#proxmox/parse-ha-travelling.ts';
import { printable } from '#report/printable.ts';
import { checkMove, unjudged } from '#verify/check-move.ts';
import { type ReadState, readState } from './read-state.ts';

export interface MoveQuestion {
  readonly vmid: Guest['vmid'];
  readonly target: string;
  /** A directory that holds the target as `berth capture` took it; undefined: what it has published. */
  readonly from: string | undefined;
}

export interface MadeMove {
  readonly report: MoveReport;
  /** For the text: why the guest would be where it would be. */
  readonly plan: Plan | null;
  readonly there: Inventory;
  readonly name: string;
}

/** @throws HostError when nothing can be said: no such guest here, no such node, or nothing known of it. */
export async function makeMoveReport(host: Host, { vmid, target, from }: MoveQuestion): Promise<MadeMove> {
  const state = await readState(host, { pciDevices: true });
  const { inventory } = state;
  const { node } = inventory;
  const guest = inventory.guests.find(candidate => candidate.vmid === vmid);
  if (guest === undefined) throw missingGuest(host, { vmid, node });
  if (from === undefined) refuseUnknownMove(host, { vmid, node, target });
  const known = from === undefined ? readPublished(host, state, target) : await readTree(from, state, target);
  const cluster = readClusterFacts(host, guest);
  const judged = checkMove({ guest, here: readNodeFacts(host, inventory), there: known.facts, ...cluster });
  const own = [...state.wishes].filter(([id]) => id === vmid);
  const wishes = new Map([...known.plan.wishes, ...own]);
  const plan = planMove({ guest, ...known.plan, wishes });
  const findings =
    plan.kind === 'plan'
      ? judged
      : [...judged, moveFinding('no-placement', { effect: 'unnoticed', at: 'arrival' }, { lack: plan.lack })];
  const placement = plan.kind === 'plan' ? (plan.placement.guests.find(placed => placed.vmid === vmid) ?? null) : null;
  const edits = plan.kind === 'plan' ? editsFor(plan, vmid) : [];
  const placed = placedHere(guest, inventory);
  const isPlacedThere = placement !== null && placement.class !== 'shared';
  const isHaManaged = cluster.ha !== null;
  const steps = makeMoveSteps({ guest, node, target, findings, placed, isPlacedThere, isHaManaged });
  const unknown = [...known.unknown, ...unjudged({ guest, there: known.facts })];
  const report: MoveReport = {
    ...{ vmid, kind: guest.kind, running: guest.runtime !== null, node, target, basis: known.basis },
    neighbours: known.plan.there.guests.filter(other => other.vmid !== vmid && !other.template).length,
    ...{ findings, placement, edits, steps },
    unknown: unknown.map(reason => ({ path: target, reason })),
  };
  return {
    report,
    plan: plan.kind === 'plan' ? plan : null,
    there: known.plan.there,
    name: printable(guest.name ?? ''),
  };
}

interface KnownTarget {
  readonly facts: NodeFacts;
  readonly basis: MoveBasis;
  /** Without the guest. */
  readonly plan: Omit<PlanMoveInput, 'guest'>;
  readonly unknown: readonly string[];
}

function readPublished(host: Host, { policy }: ReadState, target: string): KnownTarget {
  const facts = readPublishedFacts(host, target);
  if (facts === null) {
    const how = `Run \`berth inspect --publish\` on ${target}, or unpack what \`berth capture\` took there and name it with --from`;
    throw new HostError('missing', `Node ${target} has not published what it is. ${how}`);
  }
  const there = makePublishedInventory(facts, readConfiguredGuests(host, target));
  const tags = parseRegisteredTags(host.read('/etc/pve/datacenter.cfg') ?? '');
  const wishes = makeWishes(policy, there.guests, tags, parseHaTravelling(readHaTexts(host), target));
  const { housekeeping, isolation } = policy;
  const unknown = ['how much memory is free', 'which of its guests run'];
  return { facts, basis: 'published', plan: { there, wishes, housekeeping, isolation }, unknown };
}

async function readTree(from: string, here: ReadState, target: string): Promise<KnownTarget> {
  const tree = openHost(from);
  const { inventory, policy, policyDigest, wishes } = await readState(tree, { pciDevices: true });
  const { housekeeping, isolation } = policyDigest === '' ? here.policy : policy;
  const there = { ...inventory, node: target };
  const facts = readNodeFacts(tree, inventory, target);
  return { facts, basis: 'tree', plan: { there, wishes, housekeeping, isolation }, unknown: [] };
}

const editsFor = ({ changes }: Plan, vmid: Guest['vmid']) =>
  changes.flatMap(change => (change.kind === 'config' && change.vmid === vmid ? change.edits : []));

function placedHere(guest: Guest, { placement }: Inventory): GuestPlacement | null {
  const placed = placement?.guests.find(({ vmid }) => vmid === guest.vmid);
  return placed && isSameGuest(placed.identity, guest.identity) ? placed : null;
}
