// The steps that bring interrupts to where they belong: those of passthrough devices to their VM, those of the host off its CPUs.
import { cpuSet } from '#domain/id-set.ts';
import { guestInterruptCpus, hostInterruptCpus, type InterruptVector } from '#domain/interrupt.ts';
import type { Inventory } from '#domain/inventory.ts';
import { type Placement, reservedCpus } from '#domain/placement.ts';
import type { Change, VectorMove } from '#domain/plan.ts';

/** Vectors that the kernel places itself are left out. */
export function interruptChanges(inventory: Inventory, placement: Placement): readonly Change[] {
  return [...guestChanges(inventory, placement), ...hostChange(inventory, placement)];
}

function guestChanges({ guests, topology }: Inventory, placement: Placement): readonly Change[] {
  return placement.guests.flatMap((placed): readonly Change[] => {
    const guest = guests.find(({ vmid }) => vmid === placed.vmid);
    const vectors = guest?.kind === 'vm' ? guest.runtime?.interrupts : undefined;
    const after = guestInterruptCpus(placed, topology.online);
    if (vectors === undefined || after === null) return [];
    const moves = vectors.flatMap(vector => moveTo(vector, after));
    return moves.length === 0 ? [] : [{ kind: 'interrupts', vmid: placed.vmid, vectors: moves, forNew: null }];
  });
}

function hostChange({ interrupts, topology }: Inventory, placement: Placement): readonly Change[] {
  if (interrupts === undefined || placement.interrupts !== 'move') return [];
  const { online } = topology;
  const reserved = reservedCpus(placement, topology);
  const where = { reserved, online, housekeeping: placement.housekeeping };
  const vectors = interrupts.vectors.flatMap(vector => moveTo(vector, hostInterruptCpus(vector.cpus, where)));
  const before = interrupts.forNew;
  const isRight = before.isDisjointFrom(cpuSet(reserved.keys()));
  const forNew = isRight ? null : { before, after: hostInterruptCpus(before, where) };
  return vectors.length === 0 && isRight ? [] : [{ kind: 'interrupts', vmid: null, vectors, forNew }];
}

const moveTo = ({ irq, name, cpus, fixed }: InterruptVector, after: VectorMove['after']): readonly VectorMove[] =>
  fixed || cpus.equals(after) ? [] : [{ irq, name, before: cpus, after }];
