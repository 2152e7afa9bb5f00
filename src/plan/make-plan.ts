// Decides where every guest of a host belongs, all together.
import type { HostLayers } from '#domain/host-layer.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import type { NumaNodeId, VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { Isolation, Placement } from '#domain/placement.ts';
import type { AimValue, Infeasible, Plan } from '#domain/plan.ts';
import type { Housekeeping, Wishes } from '#domain/policy.ts';
import { makeAdvice } from './advice.ts';
import {
  type Arrangement,
  leanMemory,
  makeArrangement,
  type Problem,
  type SearchResult,
  settle,
} from './arrangement.ts';
import { makeBasis } from './basis.ts';
import { coresInUse, UNUSED } from './capacity.ts';
import { chooseCpus } from './choose-cores.ts';
import { findConflict } from './conflict.ts';
import { type Demand, type Hold, makeDemands } from './demand.ts';
import { explainPlacement } from './explain.ts';
import { findArrangement } from './find-arrangement.ts';
import { makeHostModel } from './host-model.ts';
import { makeHousekeeping } from './housekeeping.ts';
import type { Solve } from './linear-model.ts';
import { makeChanges, type WritesThrough } from './make-changes.ts';
import { placeGuests } from './place-guests.ts';
import { placeShared, type SharedPlacements } from './place-shared.ts';
import { presentShapes } from './present-shapes.ts';
import { proveArrangement } from './prove-arrangement.ts';
import { searchArrangement } from './search.ts';
import type { NodeTopology } from './start-elsewhere.ts';

export interface PlanInput {
  readonly inventory: Inventory;
  /** For every guest of the inventory. */
  readonly wishes: ReadonlyMap<VmId, Wishes>;
  readonly housekeeping: Housekeeping;
  readonly isolation: Isolation;
  /** Of the host's devices. Default: they are left. */
  readonly interrupts?: 'move' | 'leave';
  /** Default: none. */
  readonly layers?: HostLayers;
  /** Names the policy text that the wishes come from; an empty text when there is none. */
  readonly policyDigest: string;
  readonly through: WritesThrough;
  /** VMs that HA's balancer may move to another node at any time. Default: none. */
  readonly balanced?: ReadonlySet<VmId>;
  /** Other nodes on which guests may be started one day. Default: none is known. */
  readonly elsewhere?: readonly NodeTopology[];
  /** Shapes that the search may look at: work, never time, so that the same input gives the same plan on every machine. */
  readonly budget?: number;
  /** Guests that have to stay in a part of the host, to learn what that would cost. */
  readonly held?: ReadonlyMap<VmId, Hold>;
  /** Guests that may be moved, at most (see `isMoved`). */
  readonly mostMoves?: number;
}

/** Enough for a proof on hosts of ordinary size, within a fraction of a second. */
const DEFAULT_BUDGET = 5_000;

/**
 * 1. Keep CPUs for the host.
 * 2. Arrange dedicated and confined guests together: the best arrangement by AIMS, or none.
 * 3. Pick cores: guests keep those that they are on.
 * 4. Keep everybody else off what is now taken.
 * 5. Say what must change, why, and what was relied on.
 */
export function makePlan(input: PlanInput): Plan | Infeasible {
  const housekeeping = makeHousekeeping(input, input.housekeeping);
  return decide(input, housekeeping, arrange(input, housekeeping));
}

/** As `makePlan`, and what that leaves open is settled with a solver of linear models: a plan is proved or made better, or first found. */
export async function makeProvenPlan(input: PlanInput, solve: Solve): Promise<Plan | Infeasible> {
  const housekeeping = makeHousekeeping(input, input.housekeeping);
  const quick = arrange(input, housekeeping);
  return decide(input, housekeeping, await settleOpen(quick, solve));
}

async function settleOpen(quick: Arranged, solve: Solve): Promise<Arranged> {
  const { problem } = quick;
  if (quick.kind === 'found') {
    const { shapes, proof } = quick.arrangement;
    const start = proof.kind === 'unproved' ? settle(shapes, problem) : null;
    return start === null ? quick : { ...quick, arrangement: await proveArrangement(problem, start, solve) };
  }
  if (quick.proved) return quick;
  const found = await findArrangement(problem, solve);
  if (found === 'none' || found === 'unknown') return { ...quick, proved: found === 'none' };
  return { kind: 'found', problem, arrangement: await proveArrangement(problem, found, solve) };
}

function decide(input: PlanInput, housekeeping: CpuSet, found: Arranged): Plan | Infeasible {
  const { inventory } = input;
  if (found.kind === 'none') return makeInfeasible(found.problem, found.proved, input);
  const { arrangement } = found;
  const { claimed, shared } = place(found, input, housekeeping);
  if (shared.tooFew.length > 0) {
    const conflict = shared.tooFew.map(({ guest }) => ({
      vmid: guest.vmid,
      class: 'shared',
      vcpus: guest.cores ?? 0,
      cores: 0,
      memoryMiB: guest.memoryMiB,
    }));
    const usable = shared.tooFew[0]?.usable ?? cpuSet();
    const available = { cores: 0, cpus: usable, nodeMiB: new Map() };
    return { kind: 'infeasible', node: inventory.node, conflict, available, proved: true, lack: 'cpus' };
  }

  const placement = { ...claimed, guests: [...claimed.guests, ...shared.guests].sort((a, b) => a.vmid - b.vmid) };
  const changes = makeChanges(inventory, placement, input.through);
  return {
    kind: 'plan',
    node: inventory.node,
    basis: makeBasis(inventory, input.policyDigest),
    placement,
    explanations: explainPlacement(placement, inventory),
    changes,
    aims: arrangement.aims,
    proof: arrangement.proof,
    advice: makeAdvice({ balanced: new Set(), elsewhere: [], ...input, placement, changes }),
  };
}

/** Whether there is a plan; says nothing about why not, and so is quicker. */
export function hasPlan(input: PlanInput): boolean {
  const housekeeping = makeHousekeeping(input, input.housekeeping);
  const found = arrange(input, housekeeping);
  return found.kind === 'found' && place(found, input, housekeeping).shared.tooFew.length === 0;
}

function place(
  { problem, arrangement }: Extract<Arranged, { kind: 'found' }>,
  input: PlanInput,
  housekeeping: CpuSet,
): { claimed: Placement; shared: SharedPlacements } {
  const { inventory, wishes } = input;
  const { demands, host } = problem;
  const lean = leanMemory(arrangement.shapes, problem);
  const guests = placeGuests(demands, arrangement, { inventory, wishes, housekeeping, host, lean });
  const interrupts = input.interrupts === 'move' ? ({ interrupts: 'move' } as const) : {};
  const { layers: wanted = {} } = input;
  const layers = Object.keys(wanted).length > 0 ? { layers: wanted } : {};
  const isolation = possibleIsolation(input);
  const claimed = { node: inventory.node, isolation, housekeeping, ...interrupts, ...layers, guests };
  return { claimed, shared: placeShared(inventory, claimed, wishes) };
}

/** What the policy asks for, where the kernel can be trusted with it; the advice says when it cannot. */
function possibleIsolation({ isolation, inventory }: PlanInput): Isolation {
  const { partitions = 'trusted', confine = 'possible' } = inventory;
  if (isolation === 'partition') return partitions === 'trusted' ? 'partition' : 'none';
  return isolation === 'confine' && confine !== 'possible' ? 'none' : isolation;
}

type Arranged =
  | {
      readonly kind: 'found';
      readonly problem: Problem;
      readonly arrangement: Arrangement;
    }
  | { readonly kind: 'none'; readonly problem: Problem; readonly proved: boolean };

/**
 * `smt: auto` means a core for every vCPU when cores suffice: when no guest has to span more for it than with sibling threads,
 * and at least half of the CPUs stay free of dedicated guests. Else whole cores, filled thread by thread.
 */
function arrange(input: PlanInput, housekeeping: CpuSet): Arranged {
  const filled = arrangeWith(input, housekeeping, 'any');
  const isAuto = ({ class: guestClass, smt }: Wishes) => guestClass === 'dedicated' && smt === 'auto';
  if (![...input.wishes.values()].some(isAuto)) return filled;
  const isolated = arrangeWith(input, housekeeping, 'isolate');
  if (isolated.kind === 'found' && filled.kind === 'found') {
    const spansNoMore = (['nodes', 'distance', 'llcs'] as const).every(
      aim => aimValue(isolated.arrangement.aims, aim) <= aimValue(filled.arrangement.aims, aim),
    );
    if (spansNoMore && leavesHalf(isolated, input.inventory)) return isolated;
  }
  return filled;
}

const aimValue = (aims: readonly AimValue[], name: AimValue['aim']): number =>
  aims.find(({ aim }) => aim === name)?.value ?? 0;

function leavesHalf({ problem, arrangement }: Extract<Arranged, { kind: 'found' }>, { topology }: Inventory): boolean {
  const taken = problem.host.groups.reduce((sum, group) => {
    return sum + coresInUse(group, arrangement.usage[group.index] ?? UNUSED) * group.threads;
  }, 0);
  return taken * 2 <= topology.online.size;
}

function arrangeWith(input: PlanInput, housekeeping: CpuSet, smt: 'isolate' | 'any'): Arranged {
  const wanted = makeDemands(input.inventory, input.wishes, smt);
  const demands = wanted.map(demand => ({ ...demand, ...input.held?.get(demand.vmid) }));
  const host = makeHostModel(input.inventory, housekeeping, demands);
  const problem = {
    demands,
    host,
    memoryMiB: freeMemory(input.inventory, demands),
    mostMoves: input.mostMoves ?? null,
  };
  const result = searchUntilStable(problem, input.budget ?? DEFAULT_BUDGET);
  return { ...result, problem };
}

/**
 * A search that ended early may do better when it starts from its own result, and would then move guests each time one plans.
 * So it is repeated from its result until it finds nothing better. A proved result needs no repetition.
 */
function searchUntilStable(problem: Problem, budget: number): SearchResult {
  const { demands, host, mostMoves } = problem;
  const first = searchArrangement({ ...problem, budget, seed: presentShapes(demands, host) });
  let result = first;
  // A second search would not know which guests the first one moved.
  while (mostMoves === null && result.kind === 'found' && result.arrangement.proof.kind === 'unproved') {
    const settled = presentAfter(problem, result.arrangement);
    const seed = result.arrangement.shapes;
    const next = searchArrangement({ ...problem, demands: settled, budget, seed });
    if (next.kind === 'none' || next.arrangement.shapes === seed) return seenFromNow(result, first, problem);
    result = next;
  }
  return seenFromNow(result, first, problem);
}

/** Moves are counted from where the guests are, not from an earlier result. */
function seenFromNow(result: SearchResult, first: SearchResult, problem: Problem): SearchResult {
  if (result.kind === 'none' || result === first) return result;
  const { shapes, proof } = result.arrangement;
  const settled = settle(shapes, problem);
  return settled ? { kind: 'found', arrangement: makeArrangement(settled, proof) } : first;
}

/** The demands as they will be seen once the arrangement is in force. */
function presentAfter(problem: Problem, arrangement: Arrangement): readonly Demand[] {
  const { demands, host } = problem;
  const lean = leanMemory(arrangement.shapes, problem);
  const chosen = chooseCpus(demands, arrangement, host);
  return demands.map((demand, index) => {
    const nodes = new Set(arrangement.shapes[index]?.nodes);
    const { vcpus, emulator = cpuSet() } = chosen.get(demand.vmid) ?? {};
    return {
      ...demand,
      present: cpuSet(vcpus),
      presentEmulator: emulator,
      presentNodes: nodes,
      presentMiB: lean.get(demand.vmid) ?? new Map(),
    };
  });
}

/** What each node can give: what is available now, and what the guests to be placed hold there and may leave. */
function freeMemory(inventory: Inventory, demands: readonly Demand[]): Map<NumaNodeId, number> {
  const movable = demands.filter(({ pinsPages }) => !pinsPages);
  return new Map(
    inventory.memory.map(({ node, availableMiB }) => [
      node,
      availableMiB + movable.reduce((sum, demand) => sum + (demand.residentMiB.get(node) ?? 0), 0),
    ]),
  );
}

function makeInfeasible(problem: Problem, proved: boolean, input: PlanInput): Infeasible {
  const conflict = findConflict({ ...problem, budget: input.budget ?? DEFAULT_BUDGET });
  return { kind: 'infeasible', node: input.inventory.node, proved, ...conflict };
}
