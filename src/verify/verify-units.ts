// The rung `confine`: whether the units beside the guests keep off dedicated CPUs.
import { confinedTo } from '#domain/confinement.ts';
import { type Finding, finding } from '#domain/finding.ts';
import type { CpuId, VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { Placement } from '#domain/placement.ts';

export function* verifyUnits(
  { units = [], topology: { online } }: Inventory,
  { isolation }: Placement,
  reserved: ReadonlyMap<CpuId, VmId>,
): Generator<Finding> {
  if (isolation !== 'confine') return;
  for (const unit of units) {
    const wanted = confinedTo(unit, { reserved, online });
    const cpus = wanted === null ? null : unit.effective.difference(wanted);
    if (cpus !== null && !cpus.isEmpty) yield finding('unit-intrudes', 'error', { unit: unit.unit, cpus });
  }
}
