// Rules about what the cgroups leave of an affinity when its VM starts: taskset asks from within them.
import type { AffinityFacts } from '#domain/doctor/affinity-facts.ts';
import { type CpuSet, unionOf } from '#domain/id-set.ts';
import type { SourceText } from '#domain/text-tree.ts';
import { parseAffinity } from '#proxmox/cpuset.ts';
import { findPartitions, type Partition } from '../cgroup-partitions.ts';
import { type DoctorRules, type Judgement, vmRule } from '../doctor-rule.ts';
import type { DoctorView, ExaminedVm } from '../doctor-view.ts';
import { keyEvidence, valueEvidence } from '../evidence.ts';
import { listedCpus } from '../listed-cpus.ts';

type StartCgroupFacts = Pick<AffinityFacts, 'affinity-outside-cgroup' | 'affinity-cut-by-partition'>;

export const startCgroupRules: DoctorRules<StartCgroupFacts> = {
  'affinity-outside-cgroup': vmRule('breaks-start', findOutsideCgroup),
  'affinity-cut-by-partition': vmRule('ineffective', findCut),
};

interface StartCpus {
  /** Of the affinity, those that are online. */
  readonly cpus: CpuSet;
  /** What the cgroup of VMs allows, but for CPUs in partitions of others. */
  readonly allowed: CpuSet;
  /** Where the first part of that comes from; null when nothing limits it. */
  readonly limit: SourceText | null;
  /** Those that have some of `cpus`. */
  readonly partitions: readonly Partition[];
}

/** The kernel refuses a mask of which it leaves nothing. */
function findOutsideCgroup(
  vm: ExaminedVm,
  view: DoctorView,
): Judgement<StartCgroupFacts['affinity-outside-cgroup']> | null {
  const found = startCpus(vm, view);
  if (found === null || !found.cpus.isDisjointFrom(found.allowed)) return null;
  const { cpus, allowed, limit, partitions } = found;
  return {
    facts: { cpus, allowed, partitions: partitions.map(({ cgroup }) => cgroup) },
    evidence: [...keyEvidence(vm, ['affinity']), ...valueEvidence(limit, ...partitions.map(({ source }) => source))],
    fix: null,
  };
}

/** A mask of which something is left is cut without a word. One that nobody is in any more is a finding of its own. */
function findCut(vm: ExaminedVm, view: DoctorView): Judgement<StartCgroupFacts['affinity-cut-by-partition']> | null {
  const found = startCpus(vm, view);
  const partitions = found?.partitions.filter(({ populated }) => populated !== false) ?? [];
  const used = found?.cpus.intersection(found.allowed);
  if (found === null || used === undefined || used.isEmpty || partitions.length === 0) return null;
  return {
    facts: {
      partitions: partitions.map(({ cgroup }) => cgroup),
      cpus: unionOf(partitions.map(({ cpus }) => cpus)).intersection(found.cpus),
      used,
    },
    evidence: [...keyEvidence(vm, ['affinity']), ...valueEvidence(...partitions.map(({ source }) => source))],
    fix: null,
  };
}

/** Null without an affinity that taskset takes. */
function startCpus(vm: ExaminedVm, view: DoctorView): StartCpus | null {
  const affinity = parseAffinity(vm.next.get('affinity') ?? '');
  const { online } = view.inventory.topology;
  if (affinity.kind !== 'set' || affinity.cpus.isDisjointFrom(online)) return null;
  const cpus = affinity.cpus.intersection(online);
  const limit = findLimit(vm, view);
  const others = findPartitions(view.texts).filter(partition => isOthers(partition, vm));
  return {
    cpus,
    allowed: (limit?.allowed ?? online).difference(unionOf(others.map(partition => partition.cpus))),
    limit: limit?.source ?? null,
    partitions: others.filter(partition => !partition.cpus.isDisjointFrom(cpus)),
  };
}

/**
 * The one of a VM that runs may be short of CPUs because of its own partition, which goes when it stops: then only what somebody has
 * set for all VMs counts.
 */
function findLimit({ guest }: ExaminedVm, { texts }: DoctorView) {
  const effective = texts.sliceEffective.find(isOfVms) ?? texts.rootEffective;
  const source = guest.runtime === null ? effective : (texts.sliceCpus.find(isOfVms) ?? null);
  const allowed = source && listedCpus(source);
  return source === null || allowed === null || allowed.isEmpty ? null : { source, allowed };
}

const isOfVms = ({ file }: SourceText): boolean => file.startsWith('/sys/fs/cgroup/qemu.slice/');

/** A partition of all VMs together is theirs to use. */
const isOthers = ({ cgroup, invalid }: Partition, { guest }: ExaminedVm): boolean =>
  invalid === null && cgroup !== 'qemu.slice' && !`${cgroup}/`.startsWith(`qemu.slice/${guest.vmid}.scope/`);
