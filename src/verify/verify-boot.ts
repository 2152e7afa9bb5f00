// The rung `boot`: whether the kernel keeps dedicated CPUs clear since it was booted.
import { type Finding, finding } from '#domain/finding.ts';
import type { Inventory } from '#domain/inventory.ts';
import { isolatableCpus } from '#domain/isolatable-cpus.ts';
import type { Placement } from '#domain/placement.ts';

/** A warning, since only a reboot can change it. */
export function* verifyBoot({ topology }: Inventory, placement: Placement): Generator<Finding> {
  if (placement.isolation !== 'boot') return;
  const cpus = isolatableCpus(placement, topology).cpus.difference(topology.isolated);
  if (!cpus.isEmpty) yield finding('boot-not-isolated', 'warning', { cpus });
}
