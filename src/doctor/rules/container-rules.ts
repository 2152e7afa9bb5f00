// Rules about containers and the CPUs that guests have for themselves.
import type { ContainerFacts } from '#domain/doctor/sharing-facts.ts';
import { type CpuSet, unionOf } from '#domain/id-set.ts';
import type { SourceText } from '#domain/text-tree.ts';
import { containerLine, lineOrFile } from '../container-line.ts';
import { type DoctorRules, type Found, hostRule, type Judgement } from '../doctor-rule.ts';
import type { DoctorView, ExaminedContainer } from '../doctor-view.ts';
import { valueEvidence } from '../evidence.ts';
import { listedCpus } from '../listed-cpus.ts';
import { ownerEvidence } from '../owner-evidence.ts';
import { cpuOwners, takenCpus } from '../taken-cpus.ts';

export const containerRules: DoctorRules<ContainerFacts> = {
  'containers-on-pinned': hostRule('hurts-latency', findFreeContainers),
  'container-cpus-taken': containerRule('hurts-latency', findTakenCpus),
  'container-starved': containerRule('hurts-latency', findStarved),
};

/** A rule that is asked once for each container of this node. */
function containerRule<Facts>(
  impact: 'hurts-latency',
  judge: (container: ExaminedContainer, view: DoctorView) => Judgement<Facts> | null,
) {
  return {
    impact,
    examine: (view: DoctorView): readonly Found<Facts>[] =>
      view.containers.flatMap(container => {
        const judgement = judge(container, view);
        return judgement === null ? [] : [{ subject: container.guest.vmid, ...judgement }];
      }),
  };
}

const CPUSET_KEY = 'lxc.cgroup2.cpuset.cpus';

/**
 * Where a container without a line of its own may be: pvestatd deals out the CPUs of the root cgroup, of which a partition takes its own
 * away; the kernel keeps to those of the cgroup `lxc`.
 */
function containerCpus({ texts, inventory }: DoctorView): {
  readonly cpus: CpuSet;
  readonly source: SourceText | null;
} {
  const ofContainers = texts.sliceEffective.find(({ file }) => file.startsWith('/sys/fs/cgroup/lxc/'));
  const source = ofContainers ?? texts.rootEffective;
  const listed = source && listedCpus(source);
  const { online } = inventory.topology;
  // An empty list is that of a cgroup without the controller.
  return listed === null || listed.isEmpty ? { cpus: online, source: null } : { cpus: listed, source };
}

/** Several containers have one cause. */
function findFreeContainers(view: DoctorView): Judgement<ContainerFacts['containers-on-pinned']> | null {
  const { cpus: allowed, source } = containerCpus(view);
  const cpus = takenCpus(view).intersection(allowed);
  const free = view.containers.filter(({ guest }) => guest.cpuset === null);
  if (cpus.isEmpty || free.length === 0) return null;
  return {
    facts: { vmids: free.map(({ guest }) => guest.vmid), cpus, rest: allowed.difference(cpus) },
    evidence: [
      ...ownerEvidence(view, cpus),
      ...valueEvidence(source),
      ...free.map(container => lineOrFile(container, 'cores')),
    ],
    fix: null,
  };
}

function findTakenCpus(
  container: ExaminedContainer,
  view: DoctorView,
): Judgement<ContainerFacts['container-cpus-taken']> | null {
  const { vmid, cpuset } = container.guest;
  if (cpuset === null) return null;
  const owners = cpuOwners(view).filter(owner => owner.vmid !== vmid && !owner.cpus.isDisjointFrom(cpuset));
  if (owners.length === 0) return null;
  const cpus = unionOf(owners.map(owner => owner.cpus)).intersection(cpuset);
  return {
    facts: { cpus, others: owners.map(owner => owner.vmid), rest: cpuset.difference(cpus) },
    evidence: [lineOrFile(container, CPUSET_KEY), ...ownerEvidence(view, cpus)],
    fix: null,
  };
}

/** More `cores` than the machine has is no question of who else runs. */
function findStarved(
  container: ExaminedContainer,
  view: DoctorView,
): Judgement<ContainerFacts['container-starved']> | null {
  const { cores, cpuset } = container.guest;
  const { cpus: allowed, source } = containerCpus(view);
  const cpus = cpuset?.intersection(allowed) ?? allowed;
  if (cores === null || cpus.isEmpty || cpus.size >= Math.min(cores, view.inventory.topology.online.size)) return null;
  const own = containerLine(container, CPUSET_KEY)?.evidence ?? null;
  const isOwnLine = own !== null && cpus.size < allowed.size;
  return {
    facts: { cores, cpus, isOwnLine },
    evidence: [lineOrFile(container, 'cores'), ...(own !== null && isOwnLine ? [own] : valueEvidence(source))],
    fix: null,
  };
}
