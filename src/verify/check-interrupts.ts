// Rules about the steps that move interrupts: known vectors only, none that the kernel keeps, each to where the placement has it.
import { guestInterruptCpus, hostInterruptCpus, type InterruptVector } from '#domain/interrupt.ts';
import type { Inventory } from '#domain/inventory.ts';
import { type GuestPlacement, reservedCpus } from '#domain/placement.ts';
import type { Change, Plan } from '#domain/plan.ts';
import type { Move } from './check-changes.ts';

type InterruptChange = Extract<Change, { kind: 'interrupts' }>;

const ofInterrupts = (changes: readonly Change[]): readonly InterruptChange[] =>
  changes.flatMap(change => (change.kind === 'interrupts' ? [change] : []));

/** Of one guest's passthrough devices. */
export function* wrongGuestInterrupts({ guest, placed, changes }: Move, { topology }: Inventory): Generator<string> {
  const known = (guest.kind === 'vm' ? guest.runtime?.interrupts : undefined) ?? [];
  const wanted = placed === null ? null : guestInterruptCpus(placed as GuestPlacement, topology.online);
  for (const { vectors, forNew } of ofInterrupts(changes)) {
    if (forNew !== null) yield "CPUs of new interrupts are the host's matter";
    yield* wrongVectors(vectors, known, ({ after }) => wanted !== null && after.equals(wanted));
  }
}

/** Of the host's devices. */
export function* wrongHostInterrupts({ placement, changes }: Plan, inventory: Inventory): Generator<string> {
  const { topology, interrupts } = inventory;
  const reserved = reservedCpus(placement, topology);
  const where = { reserved, online: topology.online, housekeeping: placement.housekeeping };
  for (const { vectors, forNew } of ofInterrupts(changes.filter(({ vmid }) => vmid === null))) {
    if (placement.interrupts !== 'move') yield 'the placement leaves interrupts of the host where they are';
    const isRight = ({ before, after }: { before: InterruptVector['cpus']; after: InterruptVector['cpus'] }) =>
      !after.isEmpty && after.equals(hostInterruptCpus(before, where));
    yield* wrongVectors(vectors, interrupts?.vectors ?? [], isRight);
    if (forNew !== null && !isRight(forNew)) yield 'new interrupts would come to CPUs of guests, or to none';
  }
}

function* wrongVectors(
  vectors: InterruptChange['vectors'],
  known: readonly InterruptVector[],
  isRight: (vector: InterruptChange['vectors'][number]) => boolean,
): Generator<string> {
  for (const vector of vectors) {
    const there = known.find(({ irq, name }) => irq === vector.irq && name === vector.name);
    if (there === undefined) yield `interrupt ${vector.irq} is not ${vector.name}`;
    else if (there.fixed) yield `interrupt ${vector.irq} is the kernel's to place`;
    else if (!there.cpus.equals(vector.before)) yield `interrupt ${vector.irq} is on other CPUs than the step says`;
    else if (!isRight(vector)) yield `interrupt ${vector.irq} would not be where the placement has it`;
  }
}
