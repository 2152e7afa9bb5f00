// The rung `confine`: which units beside the guests have to leave CPUs, and which get theirs back.
import { confinedTo, sameCpus } from '#domain/confinement.ts';
import type { Inventory } from '#domain/inventory.ts';
import { type Placement, reservedCpus } from '#domain/placement.ts';
import type { Change } from '#domain/plan.ts';

/** A unit that no placement of ours confines is left with whatever somebody has set. */
export function unitChanges(
  { units = [], topology, placement: inForce }: Inventory,
  placement: Placement,
): readonly Change[] {
  if (placement.isolation !== 'confine' && inForce?.isolation !== 'confine') return [];
  const against = { reserved: reservedCpus(placement, topology), online: topology.online };
  return units.flatMap((unit): Change[] => {
    const after = placement.isolation === 'confine' ? confinedTo(unit, against) : null;
    const change = { kind: 'unit', vmid: null, unit: unit.unit, before: unit.runtime, after } as const;
    return sameCpus(unit.runtime, after) ? [] : [change];
  });
}
