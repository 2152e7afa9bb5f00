// All guests on the host together: what stands where, whether it fits, and what the engine is asked and answers.
import type { NumaNodeId, VmId } from '#domain/ids.ts';
import { AIMS, type AimValue, type Proof } from '#domain/plan.ts';
import { NOTHING, valuesOf } from './aim-values.ts';
import { UNUSED, type Usage } from './capacity.ts';
import { hasCpus } from './confined-shapes.ts';
import type { Demand } from './demand.ts';
import { spreadMemory } from './lean-memory.ts';
import { isMoved } from './moved-guests.ts';
import { type HostModel, hasRoom, mayTake, memoryAfter, type Room, type Shape, usageAfter } from './shapes.ts';

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

export const emptyRoom = ({ host, memoryMiB }: Pick<Problem, 'host' | 'memoryMiB'>): Room => ({
  usage: host.groups.map(() => UNUSED),
  memoryMiB,
  poolMiB: host.poolMiB,
  lean: [],
});

/** A given arrangement with its values; null when it does not fit. */
export function settle(shapes: readonly Shape[], { demands, host, memoryMiB, mostMoves }: Problem): Settled | null {
  let left = emptyRoom({ host, memoryMiB });
  let moved = 0;
  for (const [index, demand] of demands.entries()) {
    const shape = shapes[index];
    if (!shape || !mayTake(shape, demand, host) || !hasRoom(shape, demand, left)) return null;
    if (isMoved(demand, shape, host) && ++moved > (mostMoves ?? demands.length)) return null;
    if (demand.class === 'confined' && !hasCpus(shape, demand, host, left.usage)) return null;
    left = roomAfter(shape, demand, left);
  }
  return { shapes, usage: left.usage, values: valuesOf({ demands, shapes, host, usage: left.usage, rest: NOTHING }) };
}

export function roomAfter(shape: Shape, demand: Demand, left: Room): Room {
  const usage = [...left.usage];
  for (const [group, after] of usageAfter(shape, demand, left.usage)) usage[group.index] = after;
  if (shape.lean !== null) return { ...left, usage, lean: [...left.lean, shape.lean] };
  return { usage, ...memoryAfter(shape, demand, left), lean: left.lean };
}

/** MiB by node of the guests whose memory does not lie in proportion; the arrangement has to fit. */
export function leanMemory(
  shapes: readonly Shape[],
  problem: Problem,
): ReadonlyMap<VmId, ReadonlyMap<NumaNodeId, number>> {
  const { demands } = problem;
  const left = demands.reduce<Room>((room, demand, index) => {
    const shape = shapes[index];
    return shape ? roomAfter(shape, demand, room) : room;
  }, emptyRoom(problem));
  const parts = spreadMemory(left.lean, left.memoryMiB) ?? [];
  const lean = demands.filter((_, index) => shapes[index]?.lean);
  return new Map(lean.flatMap(({ vmid }, at) => (parts[at] ? [[vmid, parts[at]] as const] : [])));
}

export function makeArrangement({ shapes, usage, values }: Settled, proof: Proof): Arrangement {
  return { shapes, usage, aims: AIMS.map((aim, index) => ({ aim, value: values[index] ?? 0 })), proof };
}
