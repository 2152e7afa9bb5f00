// Rules about the threads of one core: two VMs on it, or two vCPUs of a VM that takes them for two cores.
import type { NeighbourFacts } from '#domain/doctor/sharing-facts.ts';
import type { Core } from '#domain/host-topology.ts';
import { type CpuSet, cpuSet, unionOf } from '#domain/id-set.ts';
import { type DoctorRules, type Found, type Judgement, vmRule } from '../doctor-rule.ts';
import type { DoctorView, ExaminedVm } from '../doctor-view.ts';
import { keyEvidence } from '../evidence.ts';
import { exclusiveCpus } from '../exclusive-cpus.ts';
import { heldCpus } from '../held-cpus.ts';
import { ownerEvidence } from '../owner-evidence.ts';
import { pinnedCpus } from '../pinned-cpus.ts';

export const neighbourRules: DoctorRules<NeighbourFacts> = {
  'siblings-split': { impact: 'hurts-latency', examine: findSplitSiblings },
  'siblings-as-cores': vmRule('worth-knowing', findHiddenSiblings),
};

interface PinnedVm {
  readonly vm: ExaminedVm;
  readonly cpus: CpuSet;
}

/** Each pair of VMs once, at the one with the lower VMID. */
function findSplitSiblings(view: DoctorView): readonly Found<NeighbourFacts['siblings-split']>[] {
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
): readonly Found<NeighbourFacts['siblings-split']>[] {
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

/** Proxmox never writes it itself: only `args` tells the guest which of its vCPUs are threads of one core. */
const TELLS_THREADS = /\bthreads=([2-9]|\d{2,})/;

/** Whoever has asked for pairs, or for threads one by one, has chosen it. */
function findHiddenSiblings(vm: ExaminedVm, view: DoctorView): Judgement<NeighbourFacts['siblings-as-cores']> | null {
  const cpus = exclusiveCpus(vm, view);
  const wishes = view.wishes.get(vm.guest.vmid);
  const isChosen = wishes?.named === true && wishes.smt !== 'auto';
  if (cpus === null || cpus.size < vm.guest.pluggedVcpus || isChosen || TELLS_THREADS.test(vm.next.get('args') ?? ''))
    return null;
  const { cores } = view.inventory.topology;
  const used = cores.filter(core => !core.cpus.isDisjointFrom(cpus));
  const free = freeCores(view).filter(({ node }) => used.some(core => core.node === node));
  // One core more than it would take: the last one is better left alone.
  if (used.length === cpus.size || free.length <= cpus.size - used.length) return null;
  return {
    facts: { cpus, cores: used.length, free: unionOf(free.map(core => core.cpus)) },
    evidence: ownerEvidence(view, cpus),
    fix: null,
  };
}

/** Cores to which no guest is held, nor the host by the placement or as the one with the boot CPU. */
function freeCores(view: DoctorView): readonly Core[] {
  const { topology, placement } = view.inventory;
  const held = unionOf([
    ...view.vms.flatMap(vm => heldCpus(vm, view) ?? []),
    ...view.containers.flatMap(({ guest }) => guest.cpuset ?? []),
    placement?.housekeeping ?? cpuSet(),
    topology.online.filter(cpu => cpu === topology.online.first),
  ]);
  return topology.cores.filter(core => core.cpus.isDisjointFrom(held));
}
