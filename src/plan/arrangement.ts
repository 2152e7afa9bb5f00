// All guests on the host together: what stands where, whether it fits, and what the engine is asked and answers.
import type { NumaNodeId, VmId } from '#domain/ids.ts';
import { AIMS, type AimValue, type Proof } from '#domain/plan.ts';
import { NOTHING, valuesOf } from './aim-values.ts';
import { UNUSED, type Usage } from './capacity.ts';
import { hasCpus } from './confined-shapes.ts';
import type { Demand } from './demand.ts';
import { type LeanClaim, spreadMemory } from './lean-memory.ts';
import { isMoved } from './moved-guests.ts';
import {
  type HostModel,
  hasRoom,
  type MemoryLeft,
  mayTake,
  type Room,
  type Shape,
  takeFrom,
  usageAfter,
} from './shapes.ts';

export interface Arrangement {
  /** One shape per demand, in the order of the demands. */
  readonly shapes: readonly Shape[];
  readonly usage: readonly Usage[];
  readonly aims: readonly AimValue[];
  readonly proof: Proof;
}

export type SearchResult =
  | { readonly kind: 'found'; readonly arrangement: Arrangement }
  /** `proved` is false when the work budget ended first. */
  | { readonly kind: 'none'; readonly proved: boolean };

/** What is to be arranged. */
export interface Problem {
  readonly demands: readonly Demand[];
  readonly host: HostModel;
  readonly memoryMiB: Room['memoryMiB'];
  /** Guests that may be moved, at most (see `isMoved`); null: all. */
  readonly mostMoves: number | null;
}

export interface SearchInput extends Problem {
  /** Shapes to look at: work, never time. */
  readonly budget: number;
  /** An arrangement to beat; null when there is none. It need not fit. */
  readonly seed: readonly Shape[] | null;
}

/** An arrangement that fits, with one value per aim in the order of AIMS. */
export interface Settled {
  readonly shapes: readonly Shape[];
  readonly usage: readonly Usage[];
  readonly values: readonly number[];
}

export const emptyRoom = (problem: Pick<Problem, 'host' | 'memoryMiB'>): Room => roomToFill(problem);

/** A given arrangement with its values; null when it does not fit. */
export function settle(shapes: readonly Shape[], { demands, host, memoryMiB, mostMoves }: Problem): Settled | null {
  const left = roomToFill({ host, memoryMiB });
  let moved = 0;
  for (const [index, demand] of demands.entries()) {
    const shape = shapes[index];
    if (!shape || !mayTake(shape, demand, host) || !hasRoom(shape, demand, left)) return null;
    if (isMoved(demand, shape, host) && ++moved > (mostMoves ?? demands.length)) return null;
    if (demand.class === 'confined' && !hasCpus(shape, demand, host, left.usage)) return null;
    fillRoom(left, shape, demand);
  }
  return { shapes, usage: left.usage, values: valuesOf({ demands, shapes, host, usage: left.usage, rest: NOTHING }) };
}

/** What is left beside those that have a shape; null: not placed. */
export function roomBeside(shapes: ReadonlyArray<Shape | null>, problem: Problem): Room {
  const left = roomToFill(problem);
  for (const [index, demand] of problem.demands.entries()) {
    const shape = shapes[index];
    if (shape) fillRoom(left, shape, demand);
  }
  return left;
}

export function roomAfter(shape: Shape, demand: Demand, { usage, memoryMiB, poolMiB, lean }: Room): Room {
  const left = { usage: [...usage], memoryMiB: new Map(memoryMiB), poolMiB: new Map(poolMiB), lean: [...lean] };
  fillRoom(left, shape, demand);
  return left;
}

/** What is left while guests are put in one after the other. */
interface RoomToFill extends MemoryLeft {
  readonly usage: Usage[];
  readonly lean: LeanClaim[];
}

const roomToFill = ({ host, memoryMiB }: Pick<Problem, 'host' | 'memoryMiB'>): RoomToFill => ({
  usage: host.groups.map(() => UNUSED),
  memoryMiB: new Map(memoryMiB),
  poolMiB: new Map(host.poolMiB),
  lean: [],
});

function fillRoom(left: RoomToFill, shape: Shape, demand: Demand): void {
  for (const [group, after] of usageAfter(shape, demand, left.usage)) left.usage[group.index] = after;
  if (shape.lean === null) takeFrom(left, shape, demand);
  else left.lean.push(shape.lean);
}

/** MiB by node of the guests whose memory does not lie in proportion; the arrangement has to fit. */
export function leanMemory(
  shapes: readonly Shape[],
  problem: Problem,
): ReadonlyMap<VmId, ReadonlyMap<NumaNodeId, number>> {
  const { demands } = problem;
  const left = roomBeside(shapes, problem);
  const parts = spreadMemory(left.lean, left.memoryMiB) ?? [];
  const lean = demands.filter((_, index) => shapes[index]?.lean);
  return new Map(lean.flatMap(({ vmid }, at) => (parts[at] ? [[vmid, parts[at]] as const] : [])));
}

export function makeArrangement({ shapes, usage, values }: Settled, proof: Proof): Arrangement {
  return { shapes, usage, aims: AIMS.map((aim, index) => ({ aim, value: values[index] ?? 0 })), proof };
}
