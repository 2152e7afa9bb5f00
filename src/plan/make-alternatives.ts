// Other ways to meet the policy, or to leave it unmet, each planned as a whole and compared with the plan that was chosen.
import type { Alternative, Outcome } from '#domain/alternative.ts';
import type { NumaNodeId, VmId } from '#domain/ids.ts';
import type { GuestPlacement } from '#domain/placement.ts';
import type { Plan } from '#domain/plan.ts';
import type { Wishes } from '#domain/policy.ts';
import { comparePlans } from './compare-plans.ts';
import { type Demand, type Hold, makeDemands } from './demand.ts';
import { makePlan, type PlanInput } from './make-plan.ts';
import { leavesItsPlace } from './moved-guests.ts';
import { presentLayout } from './present-layout.ts';

/** Beside leaving everything as it is. */
const MOST_OTHERS = 3;

/** A plan under other rules, and what it costs. */
type Try = (change: Partial<PlanInput>) => Outcome;

/** Leaving it as it is comes first; then, as far as they differ from the plan, what costs the guests least. None where the policy asks for nothing. */
export function makeAlternatives(input: PlanInput, chosen: Plan): readonly Alternative[] {
  const placed = chosen.placement.guests.filter(guest => guest.class !== 'shared');
  if (placed.length === 0) return [];
  const demands = makeDemands(input.inventory, input.wishes, 'any');
  const tryOut: Try = change => comparePlans(chosen, makePlan({ ...input, ...change }), input);
  const others: Alternative[] = [];
  const impossible: Alternative[] = [];
  for (const candidate of candidates({ input, chosen, placed, demands, tryOut })) {
    if (isOther(candidate.outcome)) others.push(candidate);
    if (candidate.outcome?.kind === 'impossible') impossible.push(candidate);
    if (others.length === MOST_OTHERS) break;
  }
  // That it cannot be otherwise is an answer too.
  return [leaveAsItIs(input, chosen, { placed, tryOut }), ...(others.length > 0 ? others : impossible.slice(0, 1))];
}

const isOther = (outcome: Outcome | null): boolean =>
  outcome?.kind === 'possible' && (outcome.differences.length > 0 || outcome.reservedCpus !== 0);

function leaveAsItIs(
  { inventory }: PlanInput,
  { changes }: Plan,
  { placed, tryOut }: { placed: readonly GuestPlacement[]; tryOut: Try },
): Alternative {
  const isPlaced = (guest: GuestPlacement) =>
    inventory.placement?.guests.some(({ vmid, class: inForce }) => vmid === guest.vmid && inForce === guest.class);
  const present = presentLayout(idsOf(placed), inventory);
  const isJudged = changes.length === 0 || placed.every(isPlaced);
  return { kind: 'leave', present, outcome: isJudged ? tryOut({ mostMoves: 0 }) : null };
}

interface Candidates {
  readonly input: PlanInput;
  readonly chosen: Plan;
  readonly placed: readonly GuestPlacement[];
  readonly demands: readonly Demand[];
  readonly tryOut: Try;
}

/** Lazy: what nobody asks for is not planned. */
function* candidates({ input, chosen, placed, demands, tryOut }: Candidates): Generator<Alternative> {
  const host = { topology: input.inventory.topology, housekeeping: chosen.placement.housekeeping };
  const moving = demands.filter(demand => {
    const guest = placed.find(({ vmid }) => vmid === demand.vmid);
    return guest !== undefined && leavesItsPlace(guest, demand, host);
  });
  for (let mostMoves = 1; mostMoves < moving.length; mostMoves++) {
    const outcome = tryOut({ mostMoves });
    if (outcome.kind === 'impossible') continue;
    yield { kind: 'fewest-moves', mostMoves, outcome };
    break;
  }

  const torn = demands.filter(demand => isTornFromMemory(demand, placed));
  if (torn.length > 0) {
    const outcome = tryOut({ held: new Map(torn.map(demand => [demand.vmid, holdToMemory(demand)])) });
    yield { kind: 'stay-with-memory', vmids: torn.map(({ vmid }) => vmid), outcome };
  }

  for (const { key, to, vmids } of otherWishes(placed, input.wishes)) {
    const outcome = tryOut({ wishes: withWish(input.wishes, vmids, { [key]: to }) });
    yield { kind: 'wish', key, to, vmids, outcome };
  }
}

/** What could be wished instead, for all guests of a kind at once. */
function* otherWishes(
  placed: readonly GuestPlacement[],
  wishes: PlanInput['wishes'],
): Generator<Pick<Extract<Alternative, { kind: 'wish' }>, 'key' | 'to' | 'vmids'>> {
  const dedicated = placed.filter(guest => guest.class === 'dedicated');
  const free = dedicated.filter(({ vmid }) => wishes.get(vmid)?.smt === 'auto');
  const isIsolated = free.some(guest => guest.smt === 'isolate');
  if (free.length > 0) yield { key: 'smt', to: isIsolated ? 'any' : 'isolate', vmids: idsOf(free) };
  if (dedicated.length > 0) yield { key: 'class', to: 'confined', vmids: idsOf(dedicated) };
  for (const [span, to] of [
    ['node', 'llc'],
    ['llc', 'node'],
  ] as const) {
    const kept = placed.filter(({ vmid, class: kind }) => kind === 'confined' && wishes.get(vmid)?.span === span);
    if (kept.length > 0) yield { key: 'span', to, vmids: idsOf(kept) };
  }
  if (dedicated.length === 0) yield { key: 'class', to: 'dedicated', vmids: idsOf(placed) };
}

const idsOf = (guests: readonly GuestPlacement[]): readonly VmId[] => guests.map(({ vmid }) => vmid);

/** Less than this on a node is not worth staying for: page cache and libraries of QEMU's own. */
const WORTH_STAYING = 0.1;

function memoryNodes({ residentMiB }: Demand): readonly NumaNodeId[] {
  const all = [...residentMiB.values()].reduce((sum, held) => sum + held, 0);
  return [...residentMiB].filter(([, held]) => held > all * WORTH_STAYING).map(([node]) => node);
}

function isTornFromMemory(demand: Demand, placed: readonly GuestPlacement[]): boolean {
  const guest = placed.find(({ vmid }) => vmid === demand.vmid);
  return guest !== undefined && memoryNodes(demand).some(node => !guest.nodes.has(node));
}

const holdToMemory = (demand: Demand): Hold => ({ allowedNodes: new Set(memoryNodes(demand)), allowedLlcs: null });

const withWish = (wishes: PlanInput['wishes'], vmids: readonly VmId[], wish: Partial<Wishes>): PlanInput['wishes'] =>
  new Map([...wishes].map(([vmid, before]) => [vmid, vmids.includes(vmid) ? { ...before, ...wish } : before]));
