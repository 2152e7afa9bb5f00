// What the played start of a VM shows, and which finding tells it: each problem of a start has one.
import type { DoctorCode, Evidence, Fix, Impact } from '#domain/doctor-finding.ts';
import { predictStart } from '#proxmox/predict-start.ts';
import type { StartProblem, StartProblemCode } from '#proxmox/start-problem.ts';
import { type DoctorRule, type Judgement, vmRule } from './doctor-rule.ts';
import type { DoctorView, ExaminedVm } from './doctor-view.ts';
import { keyEvidence } from './evidence.ts';

/** A new problem of starts that no finding tells does not compile. */
const FINDING_OF = {
  'vcpus-over-host': 'start-fails',
  'vcpus-over-maximum': 'start-fails',
  'vcpus-over-machine': 'start-fails',
  'cpu-hotplug-architecture': 'start-fails',
  'numa-range-reversed': 'start-fails',
  'numa-vcpus-unreadable': 'start-fails',
  'backend-twice': 'start-fails',
  'backend-size-unreadable': 'start-fails',
  'backend-size-zero': 'start-fails',
  'backend-size-unaligned': 'start-fails',

  'memory-hotplug-without-numa': 'memory-hotplug-fails',
  'memory-hotplug-with-numa-lines': 'memory-hotplug-fails',
  'memory-hotplug-with-virtiofs': 'memory-hotplug-fails',
  'memory-hotplug-too-large': 'memory-hotplug-fails',
  'memory-hotplug-too-small': 'memory-hotplug-fails',
  'memory-hotplug-unaligned': 'memory-hotplug-fails',

  'hugepages-without-numa': 'hugepages-without-numa',
  'hugepages-odd-size': 'hugepages-size',
  'hugepages-unsupported': 'hugepages-size',
  'hugepages-not-multiple': 'hugepages-size',
  'hugepages-without-host-nodes': 'hugepages-host-node',
  'hugepages-host-node-not-single': 'hugepages-host-node',
  'hugepages-unbound': 'hugepages-unbound',

  'numa-lines-ignored': 'numa-line-without-numa',
  'numa-memory-missing': 'numa-memory-sum',
  'numa-memory-sum': 'numa-memory-sum',
  'numa-total-differs': 'numa-memory-sum',
  'numa-vcpu-over-maximum': 'numa-vcpus-beyond',
  'numa-vcpu-twice': 'numa-vcpus-twice',
  'numa-vcpus-uncovered': 'numa-vcpus-uncovered',
  'numa-node-gap': 'numa-node-gap',

  'numa-policy-missing': 'host-nodes-without-policy',
  'numa-policy-ignored': 'policy-without-host-nodes',
  'host-node-missing': 'host-node-absent',
  'host-nodes-not-bindable': 'host-node-without-memory',
  'host-nodes-unreadable': 'host-nodes-refused',
  'host-nodes-garbled': 'host-nodes-garbled',

  'affinity-unreadable': 'affinity-breaks-start',
  'affinity-cpus-missing': 'affinity-breaks-start',
  'affinity-ignored': 'affinity-zero',
} as const satisfies Readonly<Record<StartProblemCode, DoctorCode>>;

type StartFinding = (typeof FINDING_OF)[StartProblemCode];
type SomeProblems = readonly [StartProblem, ...StartProblem[]];

/**
 * A rule for VMs whose next start shows problems that this finding tells; null: another finding tells them better.
 * As in a real start, the first error hides what comes after it.
 */
export function startRule<Facts>(
  impact: Impact,
  finding: StartFinding,
  judge: (problems: SomeProblems, vm: ExaminedVm, view: DoctorView) => Judgement<Facts> | null,
): DoctorRule<Facts> {
  return vmRule(impact, (vm, view) => {
    const [first, ...others] = startProblems(vm, view).filter(({ code }) => FINDING_OF[code] === finding);
    return first === undefined ? null : judge([first, ...others], vm, view);
  });
}

/** The affinity is left out: its rules play it alone, and without it nothing that comes later is hidden. */
export function startProblems({ next }: ExaminedVm, { startHost }: DoctorView): readonly StartProblem[] {
  const values = new Map(next);
  values.delete('affinity');
  return predictStart(values, startHost).problems;
}

export type ConfigEdits = Extract<Fix, { readonly kind: 'config' }>['edits'];

/** The edits, if the VM starts with them. */
export function fixThatStarts({ next }: ExaminedVm, { startHost }: DoctorView, edits: ConfigEdits): Fix | null {
  const values = new Map(next);
  for (const { key, after } of edits) after === null ? values.delete(key) : values.set(key, after);
  return edits.length > 0 && predictStart(values, startHost).starts ? { kind: 'config', edits } : null;
}

/** The lines of these keys, or the file as a whole where what matters is that they are not there. */
export function problemEvidence(vm: ExaminedVm, keys: readonly string[]): readonly Evidence[] {
  const lines = keyEvidence(vm, keys);
  return lines.length > 0 ? lines : [{ file: vm.source.file, line: null, text: '' }];
}
