// Are the interrupts of devices served where they belong?
import { type Finding, finding } from '#domain/finding.ts';
import type { VmGuest } from '#domain/guest.ts';
import { type CpuSet, unionOf } from '#domain/id-set.ts';
import { guestInterruptCpus } from '#domain/interrupt.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { GuestPlacement, Placement } from '#domain/placement.ts';

/** Of a running VM's passthrough devices: where its vCPUs are. */
export function verifyGuestInterrupts(placed: GuestPlacement, guest: VmGuest, online: CpuSet): readonly Finding[] {
  const wanted = guestInterruptCpus(placed, online);
  const wrong = (guest.runtime?.interrupts ?? []).filter(({ cpus }) => wanted !== null && !cpus.equals(wanted));
  if (wanted === null || wrong.length === 0) return [];
  const cpus = unionOf(wrong.map(vector => vector.cpus));
  return [
    finding('guest-interrupts', 'warning', { vmid: placed.vmid, names: wrong.map(({ name }) => name), cpus, wanted }),
  ];
}

/** Of the host's devices, on CPUs of guests: only where the placement keeps them off. */
export function verifyHostInterrupts(
  { interrupts }: Inventory,
  placement: Placement,
  mine: CpuSet,
): readonly Finding[] {
  if (placement.interrupts !== 'move' || interrupts === undefined) return [];
  return [false, true].flatMap(fixed => {
    const there = interrupts.vectors.filter(vector => vector.fixed === fixed && !vector.cpus.isDisjointFrom(mine));
    if (there.length === 0) return [];
    const cpus = unionOf(there.map(vector => vector.cpus)).intersection(mine);
    const names = there.map(({ name }) => name);
    return [finding('interrupts-on-dedicated', fixed ? 'note' : 'warning', { cpus, names, fixed })];
  });
}
