// The units beside the guests for the agent: those that may run on dedicated CPUs although the placement confines them.
import { confinedTo } from '#domain/confinement.ts';
import type { CpuSet } from '#domain/id-set.ts';
import type { CpuId, VmId } from '#domain/ids.ts';
import type { Placement } from '#domain/placement.ts';
import type { Host } from '#host/host.ts';
import { readHostUnits } from '#host/host-units.ts';
import type { Repair } from './repair.ts';

export interface UnitsInput {
  readonly placement: Placement;
  /** As `reservedCpus` gives it. */
  readonly reserved: ReadonlyMap<CpuId, VmId>;
  readonly online: CpuSet;
}

/** After a boot all of them; later those that somebody has let out. One that somebody has confined further is left so. */
export function unitRepairs(host: Host, { placement, ...against }: UnitsInput): readonly Repair[] {
  if (placement.isolation !== 'confine') return [];
  return readHostUnits(host).flatMap((unit): Repair[] => {
    const after = confinedTo(unit, against);
    if (after === null || unit.effective.isSubsetOf(after)) return [];
    return [{ kind: 'unit', vmid: null, unit: unit.unit, after }];
  });
}
