// From a solver's numbers back to shapes: which guest takes which column, and which group each of its pieces.
import { type Settled, settle } from './arrangement.ts';
import type { Bin } from './bins.ts';
import type { Column, Piece } from './columns.ts';
import type { CoreGroup } from './core-groups.ts';
import type { GuestKind } from './guest-kinds.ts';
import { leanShape } from './lean-shapes.ts';
import { type ProofModel, pieceKey, type Question } from './proof-model.ts';
import { makeDedicatedShape, type Shape } from './shapes.ts';

/** Null when it does not fit: a model knows not every rule. */
export function readArrangement(
  { problem, kinds }: Question,
  { firstColumn, patterns }: ProofModel,
  values: readonly number[],
): Settled | null {
  const slots = new Map<Bin, Slot[]>();
  for (const { bin, pieces, pattern, variable } of patterns) {
    for (let time = 0; time < (values[variable] ?? 0); time++) {
      const open = pieces.flatMap((piece, at) => Array<string>(pattern.counts[at] ?? 0).fill(piece));
      slots.set(bin, [...(slots.get(bin) ?? []), { group: null, open }]);
    }
  }
  for (const [bin, ofBin] of slots) for (const [at, slot] of ofBin.entries()) slot.group = bin.groups[at] ?? null;
  const shapes: Shape[] = [];
  for (const [index, kind] of kinds.entries()) {
    const columns = kind.columns.flatMap((column, at) =>
      Array<Column>(values[(firstColumn[index] ?? 0) + at] ?? 0).fill(column),
    );
    for (const [at, guest] of kind.guests.entries()) {
      const column = columns[at];
      const shape = column ? makeShape(column, kind, { slots, host: problem.host }) : null;
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

function makeShape(
  { shape, pieces }: Column,
  { demand }: GuestKind,
  { slots, host }: { slots: ReadonlyMap<Bin, Slot[]>; host: Question['problem']['host'] },
): Shape | null {
  if (demand.class === 'confined') return shape;
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
