// Rules about the `affinity` of VMs, and about the keys that are taken for it.
import type { AffinityFacts } from '#domain/doctor/affinity-facts.ts';
import type { Fix } from '#domain/doctor-finding.ts';
import { type CpuSet, cpuSet, unionOf } from '#domain/id-set.ts';
import { ownCpus } from '#domain/placement.ts';
import { encodeAffinity, parseAffinity } from '#proxmox/cpuset.ts';
import { predictStart } from '#proxmox/predict-start.ts';
import { type DoctorRules, type Found, type Judgement, vmRule } from '../doctor-rule.ts';
import type { DoctorView, ExaminedVm } from '../doctor-view.ts';
import { keyEvidence, lineEvidence } from '../evidence.ts';
import { exclusiveCpus } from '../exclusive-cpus.ts';
import { isPlaced } from '../held-cpus.ts';
import { pinnedCpus } from '../pinned-cpus.ts';
import { startCgroupRules } from './start-cgroup-rules.ts';

export const affinityRules: DoctorRules<AffinityFacts> = {
  ...startCgroupRules,
  'unknown-key': vmRule('ineffective', findUnknownKeys),
  'affinity-zero': vmRule('ineffective', findZero),
  'affinity-breaks-start': vmRule('breaks-start', findBrokenStart),
  'affinity-absent-cpus': vmRule('ineffective', findAbsentCpus),
  'affinity-taken': { impact: 'hurts-latency', examine: findTakenCpus },
  'affinity-too-narrow': vmRule('hurts-latency', findNarrow),
};

const UNKNOWN_KEY = / - unknown setting '([^']+)'$/;
/** Keys that tutorials made up; a key of a Proxmox version newer than we know is not among them. */
const MEANT_TO_PIN = /^(affinity\d+|cpu-?affinity\d*|cpu-?pin(ning)?\d*|vcpu-?(pin|affinity)\d*|taskset)$/;

/** Of the main section: elsewhere such lines are copies that count for nothing. */
function findUnknownKeys({ config, source }: ExaminedVm): Judgement<AffinityFacts['unknown-key']> | null {
  const headers = [config.pending, ...config.special.values(), ...config.snapshots.values()];
  const end = Math.min(...headers.map(section => section?.headerLine ?? Number.POSITIVE_INFINITY));
  const unknown = config.warnings.flatMap(({ line, message }) => {
    const key = UNKNOWN_KEY.exec(message)?.[1];
    return key === undefined || line > end ? [] : [{ key, line }];
  });
  if (unknown.length === 0) return null;
  const keys = [...new Set(unknown.map(({ key }) => key))];
  const pinning = keys.filter(key => MEANT_TO_PIN.test(key));
  return {
    facts: { keys, pinning },
    evidence: unknown.map(({ line }) => lineEvidence(source, line)),
    fix: pinning.length === 0 ? null : { kind: 'config', edits: pinning.map(key => ({ key, after: null })) },
  };
}

function findZero(vm: ExaminedVm): Judgement<AffinityFacts['affinity-zero']> | null {
  const value = vm.next.get('affinity');
  if (value === undefined || parseAffinity(value).kind !== 'ignored') return null;
  return { facts: { value }, evidence: keyEvidence(vm, ['affinity']), fix: setAffinity(null) };
}

/** The affinity is played alone, so that no other problem of the same VM hides this one. */
function findBrokenStart(
  vm: ExaminedVm,
  { startHost }: DoctorView,
): Judgement<AffinityFacts['affinity-breaks-start']> | null {
  const value = vm.next.get('affinity');
  if (value === undefined) return null;
  const { starts, problems } = predictStart(new Map([['affinity', value]]), startHost);
  const [problem] = problems;
  if (starts || problem === undefined) return null;
  const view = parseAffinity(value);
  const meant = view.kind === 'breaks-start' ? view.cpus.intersection(startHost.onlineCpus) : null;
  const fix = meant === null || meant.isEmpty ? null : setAffinity(meant);
  return { facts: { value, problem: problem.code }, evidence: keyEvidence(vm, ['affinity']), fix };
}

function findAbsentCpus(
  vm: ExaminedVm,
  { inventory: { topology } }: DoctorView,
): Judgement<AffinityFacts['affinity-absent-cpus']> | null {
  const view = parseAffinity(vm.next.get('affinity') ?? '');
  if (view.kind !== 'set') return null;
  const used = view.cpus.intersection(topology.online);
  const absent = view.cpus.difference(topology.online);
  if (used.isEmpty || absent.isEmpty) return null;
  const present = view.cpus.intersection(topology.present);
  return {
    facts: { absent, used },
    evidence: keyEvidence(vm, ['affinity']),
    // CPUs that are only offline may come back, and the list is then right again.
    fix: present.equals(used) ? setAffinity(used) : null,
  };
}

/** Two that are pinned alike are told once, at the one with the higher VMID: a clone is younger than its original. */
function findTakenCpus(view: DoctorView): readonly Found<AffinityFacts['affinity-taken']>[] {
  const dedicated = view.inventory.placement?.guests.map(guest => ({ vmid: guest.vmid, own: ownCpus(guest) })) ?? [];
  const loose = view.vms
    .filter(vm => !isPlaced(vm, view))
    .map(vm => ({
      vm,
      vmid: vm.guest.vmid,
      mask: pinnedCpus(vm, view) ?? cpuSet(),
      own: exclusiveCpus(vm, view) ?? cpuSet(),
    }));
  return loose.flatMap(({ vm, vmid, mask, own }) => {
    const taken = [
      ...dedicated.filter(other => !other.own.isDisjointFrom(mask)),
      ...loose.filter(other => other.vmid < vmid && !other.own.isDisjointFrom(own)),
    ];
    if (taken.length === 0) return [];
    const others = taken.map(other => other.vmid);
    const pinned = [vm, ...view.vms.filter(({ guest }) => others.includes(guest.vmid))];
    return [
      {
        subject: vmid,
        facts: { cpus: mask.intersection(unionOf(taken.map(other => other.own))), others },
        evidence: pinned.flatMap(each => keyEvidence(each, ['affinity'])),
        fix: null,
      },
    ];
  });
}

/** CPUs that are not there make it narrow too, and are a finding of their own. */
function findNarrow(vm: ExaminedVm, view: DoctorView): Judgement<AffinityFacts['affinity-too-narrow']> | null {
  const affinity = parseAffinity(vm.next.get('affinity') ?? '');
  const vcpus = vm.guest.pluggedVcpus;
  if (affinity.kind !== 'set' || isPlaced(vm, view) || affinity.cpus.size >= vcpus) return null;
  const { cpus } = affinity;
  if (!cpus.isSubsetOf(view.inventory.topology.online)) return null;
  return { facts: { cpus, vcpus }, evidence: keyEvidence(vm, ['affinity', 'cores', 'sockets', 'vcpus']), fix: null };
}

const setAffinity = (cpus: CpuSet | null): Fix => ({
  kind: 'config',
  edits: [{ key: 'affinity', after: cpus && encodeAffinity(cpus) }],
});
