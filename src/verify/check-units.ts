// Rules about the steps that confine units: those that are there, from what they have to what dedicated CPUs leave them.
import { confinedTo, sameCpus } from '#domain/confinement.ts';
import { type Finding, finding } from '#domain/finding.ts';
import { encodeIdList } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';
import type { Inventory } from '#domain/inventory.ts';
import { reservedCpus } from '#domain/placement.ts';
import type { Plan } from '#domain/plan.ts';

export function* checkUnits({ placement, changes }: Plan, inventory: Inventory): Generator<Finding> {
  const { units = [], topology } = inventory;
  const steps = changes.filter(change => change.kind === 'unit');
  const wrong = (unit: string, what: string) => finding('plan-unit-wrong', 'error', { unit, what });
  for (const { unit } of steps) {
    if (!units.some(known => known.unit === unit)) yield wrong(unit, 'there is no such unit beside the guests');
    if (steps.filter(step => step.unit === unit).length > 1) yield wrong(unit, 'it has more than one step');
  }
  const against = { reserved: reservedCpus(placement, topology), online: topology.online };
  for (const unit of units) {
    const step = steps.find(candidate => candidate.unit === unit.unit);
    const isOurs = placement.isolation === 'confine' || inventory.placement?.isolation === 'confine';
    if (!isOurs && step) yield wrong(unit.unit, 'no placement confines it');
    if (step && !sameCpus(step.before, unit.runtime))
      yield wrong(unit.unit, 'its CPUs are not what the step begins with');
    const wanted = placement.isolation === 'confine' ? confinedTo(unit, against) : null;
    const after = step ? step.after : unit.runtime;
    if (isOurs && !sameCpus(after, wanted))
      yield wrong(unit.unit, `it would keep ${words(after)}, and is to have ${words(wanted)}`);
  }
}

const words = (cpus: CpuSet | null): string =>
  cpus === null ? 'the CPUs of its configuration' : `CPUs ${encodeIdList(cpus)}`;
