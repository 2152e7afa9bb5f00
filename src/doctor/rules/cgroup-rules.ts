// Rules about cgroups: sets of CPUs that systemd or somebody by hand has given them.

import { bootParameters } from '#boot/boot-words.ts';
import type { CgroupFacts } from '#domain/doctor/host-facts.ts';
import type { Fix } from '#domain/doctor-finding.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { type CpuSet, cpuSet, unionOf } from '#domain/id-set.ts';
import type { SourceText } from '#domain/text-tree.ts';
import { parseAffinity } from '#proxmox/cpuset.ts';
import { cgroupOf, findPartitions } from '../cgroup-partitions.ts';
import { type DoctorRules, type Found, hostRule, type Judgement, vmRule } from '../doctor-rule.ts';
import type { DoctorView, ExaminedVm } from '../doctor-view.ts';
import { keyEvidence, textEvidence, valueEvidence } from '../evidence.ts';
import { listedCpus } from '../listed-cpus.ts';
import { pinnedCpus } from '../pinned-cpus.ts';

export const cgroupRules: DoctorRules<CgroupFacts> = {
  'cgroup-v1': hostRule('worth-knowing', findVersion1),
  'cgroup-narrows-vm': vmRule('ineffective', findNarrowed),
  'exclusive-leftover': hostRule('worth-knowing', findLeftExclusive),
  'partition-invalid': { impact: 'ineffective', examine: findInvalidPartitions },
  'partition-leftover': { impact: 'hurts-latency', examine: findLeftPartitions },
  'systemd-narrows-vms': hostRule('hurts-latency', findNarrowManager),
};

function findVersion1({ texts }: DoctorView): Judgement<CgroupFacts['cgroup-v1']> | null {
  if (texts.cgroupV1Cpus === null) return null;
  const values = bootParameters(texts.commandLine?.text ?? '', 'systemd.unified_cgroup_hierarchy');
  const requested = ['0', 'false', 'no', 'off'].includes(values.at(-1) ?? '');
  const evidence = valueEvidence(texts.cgroupV1Cpus, requested ? texts.commandLine : null);
  return { facts: { requested }, evidence, fix: null };
}

/** None of the CPUs left is another finding for the slice, as the VM then does not start again. */
function findNarrowed(vm: ExaminedVm, view: DoctorView): Judgement<CgroupFacts['cgroup-narrows-vm']> | null {
  const pinned = pinnedCpus(vm, view);
  const found = pinned === null ? undefined : limitsOf(vm, view).find(limit => !pinned.isSubsetOf(limit.allowed));
  if (pinned === null || found === undefined) return null;
  const { allowed, source, isSlice } = found;
  if (isSlice && pinned.isDisjointFrom(allowed)) return null;
  return {
    facts: { cgroup: cgroupOf(source), cpus: pinned.difference(allowed), allowed },
    evidence: [...keyEvidence(vm, ['affinity']), ...valueEvidence(source)],
    fix: null,
  };
}

/** What was written for the slice of all VMs, and for this one's scope; a scope that holds a partition is cut down by it on purpose. */
function limitsOf({ guest }: ExaminedVm, { texts }: DoctorView) {
  const scope = `qemu.slice/${guest.vmid}.scope`;
  const hasPartition = texts.innerPartition.some(source => cgroupOf(source).startsWith(`${scope}/`));
  const written = [
    { source: texts.sliceCpus.find(source => cgroupOf(source) === 'qemu.slice'), isSlice: true },
    { source: hasPartition ? undefined : texts.scopeCpus.find(source => cgroupOf(source) === scope), isSlice: false },
  ];
  return written.flatMap(({ source, isSlice }) => {
    const allowed = source === undefined ? null : listedCpus(source);
    return source === undefined || allowed === null || allowed.isEmpty ? [] : [{ source, isSlice, allowed }];
  });
}

function findLeftExclusive({ texts }: DoctorView): Judgement<CgroupFacts['exclusive-leftover']> | null {
  const slice = texts.sliceExclusive.find(source => cgroupOf(source) === 'qemu.slice');
  const held = slice === undefined ? null : listedCpus(slice);
  if (slice === undefined || held === null) return null;
  const scopes = texts.scopeExclusive.filter(source => cgroupOf(source).startsWith('qemu.slice/'));
  const used = unionOf(scopes.map(source => listedCpus(source) ?? cpuSet())).intersection(held);
  const cpus = held.difference(used);
  if (cpus.isEmpty) return null;
  return {
    facts: { cgroup: cgroupOf(slice), cpus, used },
    evidence: valueEvidence(slice),
    fix: write(encodeIdList(used), slice),
  };
}

const write = (value: string, { file }: SourceText): Fix => ({
  kind: 'commands',
  commands: [['sh', '-c', `${`echo ${value}`.trimEnd()} > ${file}`]],
});

function findInvalidPartitions({ texts }: DoctorView): readonly Found<CgroupFacts['partition-invalid']>[] {
  return findPartitions(texts).flatMap(({ cgroup, source, invalid }) =>
    invalid === null
      ? []
      : [{ subject: 'host', facts: { cgroup, reason: invalid }, evidence: valueEvidence(source), fix: null }],
  );
}

function findLeftPartitions({ texts }: DoctorView): readonly Found<CgroupFacts['partition-leftover']>[] {
  return findPartitions(texts)
    .filter(({ invalid, populated }) => invalid === null && populated === false)
    .map(({ cgroup, source, cpus }) => ({
      subject: 'host',
      facts: { cgroup, cpus },
      evidence: valueEvidence(source),
      fix: write('member', source),
    }));
}

const CPU_AFFINITY = /^\s*CPUAffinity\s*=/;

/** VMs are started by services of Proxmox, which have the mask that systemd gave them; taskset alone makes it another. */
function findNarrowManager({
  texts,
  vms,
  inventory,
}: DoctorView): Judgement<CgroupFacts['systemd-narrows-vms']> | null {
  const sources = [...(texts.systemConf === null ? [] : [texts.systemConf]), ...texts.systemConfSnippets];
  const cpus = managerCpus(sources)?.intersection(inventory.topology.online) ?? null;
  const unpinned = vms.filter(({ next }) => parseAffinity(next.get('affinity') ?? '').kind === 'ignored');
  if (cpus === null || cpus.isEmpty || cpus.equals(inventory.topology.online) || unpinned.length === 0) return null;
  return {
    facts: { cpus, vmids: unpinned.map(({ guest }) => guest.vmid) },
    evidence: sources.flatMap(source => textEvidence(source, CPU_AFFINITY)),
    fix: null,
  };
}

/** systemd-system.conf(5): lists add up, separated by spaces or commas; an empty one starts again. Null when nothing is set that we know. */
function managerCpus(sources: readonly SourceText[]): CpuSet | null {
  let cpus: CpuSet | null = null;
  for (const line of sources.flatMap(({ text }) => text.split('\n'))) {
    if (!CPU_AFFINITY.test(line)) continue;
    const text = line.slice(line.indexOf('=') + 1).trim();
    const added = text === '' ? null : listedCpus({ file: '', text: text.split(/[\s,]+/).join(',') });
    cpus = added === null ? null : added.union(cpus ?? cpuSet());
  }
  return cpus;
}
