// Rules about the `affinity` of VMs, and about the keys that are taken for it.
import type { AffinityFacts } from '#domain/doctor/affinity-facts.ts';
import type { Fix } from '#domain/doctor-finding.ts';
import type { CpuSet } from '#domain/id-set.ts';
import { encodeAffinity, parseAffinity } from '#proxmox/cpuset.ts';
import { predictStart } from '#proxmox/predict-start.ts';
import { type DoctorRules, type Judgement, vmRule } from '../doctor-rule.ts';
import type { DoctorView, ExaminedVm } from '../doctor-view.ts';
import { keyEvidence, lineEvidence } from '../evidence.ts';

export const affinityRules: DoctorRules<AffinityFacts> = {
  'unknown-key': vmRule('ineffective', findUnknownKeys),
  'affinity-zero': vmRule('ineffective', findZero),
  'affinity-breaks-start': vmRule('breaks-start', findBrokenStart),
  'affinity-absent-cpus': vmRule('ineffective', findAbsentCpus),
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

const setAffinity = (cpus: CpuSet | null): Fix => ({
  kind: 'config',
  edits: [{ key: 'affinity', after: cpus && encodeAffinity(cpus) }],
});
