// From a solver's numbers back to shapes: which guest takes which column, and which group each of its pieces.
import { type Settled, settle } from './arrangement.ts';
import type { Bin } from './bins.ts';
import type { Column, Piece } from './columns.ts';
import { makeConfinedShape } from './confined-shapes.ts';
import type { CoreGroup } from './core-groups.ts';
import type { CrowdSize } from './crowds.ts';
import type { Demand } from './demand.ts';
import type { GuestKind } from './guest-kinds.ts';
import { leanShape } from './lean-shapes.ts';
import { pieceKey } from './proof-cores.ts';
import { isOfSize } from './proof-crowds.ts';
import type { ProofModel, Question } from './proof-model.ts';
import { type HostModel, makeDedicatedShape, type Shape } from './shapes.ts';

/** Null when it does not fit: a model knows not every rule. */
export function readArrangement(
  question: Question,
  { firstColumn, patterns, crowds }: ProofModel,
  values: readonly number[],
): Settled | null {
  const { problem, kinds } = question;
  const slots = new Map<Bin, Slot[]>();
  const times = (variable: number) => Array.from({ length: values[variable] ?? 0 });
  for (const { bin, pieces, pattern, variable } of patterns.toSorted((a, b) => a.pattern.inUse - b.pattern.inUse)) {
    for (const _ of times(variable)) {
      const open = pieces.flatMap((piece, at) => Array<string>(pattern.counts[at] ?? 0).fill(piece));
      slots.set(bin, [...(slots.get(bin) ?? []), { group: null, open }]);
    }
  }
  for (const [bin, ofBin] of slots) for (const [at, slot] of ofBin.entries()) slot.group = bin.groups[at] ?? null;
  // In the same order, so that every crowd comes to a group with as many cores in use as it reckons with.
  const places = new Map<Bin, Place[]>();
  for (const { bin, isNode, sizes, crowd, variable } of crowds.toSorted((a, b) => a.crowd.inUse - b.crowd.inUse)) {
    for (const _ of times(variable)) {
      const ofBin = places.get(bin) ?? [];
      const open = sizes.flatMap((size, at) => Array<CrowdSize>(crowd.counts[at] ?? 0).fill(size));
      places.set(bin, [...ofBin, { cell: bin.groups[ofBin.length]?.cell ?? -1, isNode, open }]);
    }
  }
  const shapes: Shape[] = [];
  for (const [index, kind] of kinds.entries()) {
    const columns = kind.columns.flatMap((column, at) =>
      Array<Column>(values[(firstColumn[index] ?? 0) + at] ?? 0).fill(column),
    );
    for (const [at, guest] of kind.guests.entries()) {
      const column = columns[at];
      const shape = column ? makeShape(column, kind, { slots, places, question }) : null;
      if (shape === null) return null;
      shapes[guest] = shape;
    }
  }
  return settle(shapes, problem);
}

/** One group and the pieces that it still has to take. */
interface Slot {
  group: CoreGroup | null;
  readonly open: string[];
}

/** One cache and the sizes of the confined guests that it still has to take. */
interface Place {
  readonly cell: number;
  readonly isNode: boolean;
  readonly open: CrowdSize[];
}

interface Reading {
  readonly slots: ReadonlyMap<Bin, Slot[]>;
  readonly places: ReadonlyMap<Bin, Place[]>;
  readonly question: Question;
}

function makeShape(
  { shape, pieces }: Column,
  { demand }: GuestKind,
  { slots, places, question }: Reading,
): Shape | null {
  const { host } = question.problem;
  if (demand.class === 'confined') {
    const caches = question.bins.cachesOf(shape.cells[0] ?? -1);
    const ofBin = caches ? (places.get(caches) ?? []) : [];
    const isTold = demand.span === 'llc' || ofBin.some(({ isNode }) => isNode);
    return isTold && ofBin.length > 0 ? takePlace(ofBin, demand, host) : shape;
  }
  const vcpus = new Map<CoreGroup, number>();
  let emulator: CoreGroup | null = null;
  for (const piece of pieces) {
    const group = takeSlot(piece, slots, vcpus);
    if (group === null) return null;
    vcpus.set(group, (vcpus.get(group) ?? 0) + piece.vcpus);
    if (piece.hasEmulator) emulator = group;
  }
  const parts = [...vcpus]
    .map(([group, count]) => ({ group, vcpus: count }))
    .sort((a, b) => a.group.index - b.group.index);
  const made = makeDedicatedShape(demand, host, { nodes: shape.nodes, parts, emulator });
  const lean = shape.lean?.parts.filter(({ isLean }) => isLean).map(({ node }) => node);
  return lean === undefined ? made : leanShape(made, lean, { demand, host });
}

function takePlace(places: readonly Place[], demand: Demand, host: HostModel): Shape | null {
  for (const { cell, open } of places) {
    const at = open.findIndex(size => isOfSize(demand, size));
    const node = host.cells[cell]?.node;
    if (at < 0 || node === undefined) continue;
    open.splice(at, 1);
    return makeConfinedShape(demand, host, { node, cells: [cell] });
  }
  return null;
}

/** Rather a group that the guest is not on yet; where it has two pieces in one group they are one. */
function takeSlot(
  piece: Piece,
  slots: ReadonlyMap<Bin, Slot[]>,
  own: ReadonlyMap<CoreGroup, number>,
): CoreGroup | null {
  const ofBin = slots.get(piece.bin);
  if (ofBin === undefined) return piece.bin.groups.find(group => !own.has(group)) ?? null;
  const key = pieceKey(piece);
  const fitting = ofBin.filter(({ group, open }) => group !== null && open.includes(key));
  const slot = fitting.find(({ group }) => group !== null && !own.has(group)) ?? fitting[0];
  slot?.open.splice(slot.open.indexOf(key), 1);
  return slot?.group ?? null;
}
