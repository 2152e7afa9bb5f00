// Rules about guests that get in each other's way.
import type { SharingFacts } from '#domain/doctor/sharing-facts.ts';
import { type CpuSet, unionOf } from '#domain/id-set.ts';
import type { DoctorRules, Found } from '../doctor-rule.ts';
import type { DoctorView, ExaminedVm } from '../doctor-view.ts';
import { keyEvidence } from '../evidence.ts';
import { pinnedCpus } from '../pinned-cpus.ts';

export const sharingRules: DoctorRules<SharingFacts> = {
  'siblings-split': { impact: 'hurts-latency', examine: findSplitSiblings },
};

interface PinnedVm {
  readonly vm: ExaminedVm;
  readonly cpus: CpuSet;
}

/** Each pair of VMs once, at the one with the lower VMID. */
function findSplitSiblings(view: DoctorView): readonly Found<SharingFacts['siblings-split']>[] {
  const pinned = view.vms.flatMap((vm): readonly PinnedVm[] => {
    const cpus = pinnedCpus(vm, view);
    return cpus === null ? [] : [{ vm, cpus }];
  });
  return pinned.flatMap((one, index) => pinned.slice(index + 1).flatMap(other => judgePair(one, other, view)));
}

/** Cores of which each has CPUs that the other has not. */
function judgePair(
  one: PinnedVm,
  other: PinnedVm,
  { inventory }: DoctorView,
): readonly Found<SharingFacts['siblings-split']>[] {
  const split = inventory.topology.cores
    .map(core => ({
      ofOne: core.cpus.intersection(one.cpus).difference(other.cpus),
      ofOther: core.cpus.intersection(other.cpus).difference(one.cpus),
    }))
    .filter(({ ofOne, ofOther }) => !ofOne.isEmpty && !ofOther.isEmpty);
  if (split.length === 0) return [];
  return [
    {
      subject: one.vm.guest.vmid,
      facts: {
        other: other.vm.guest.vmid,
        cpus: unionOf(split.map(({ ofOne }) => ofOne)),
        otherCpus: unionOf(split.map(({ ofOther }) => ofOther)),
      },
      evidence: [one, other].flatMap(({ vm }) => keyEvidence(vm, ['affinity'])),
      fix: null,
    },
  ];
}
