// Rules about the `numa` and `numaN` lines of VMs.
import type { NumaFacts } from '#domain/doctor/numa-facts.ts';
import { numaKeys } from '#proxmox/numa-entry.ts';
import { predictStart } from '#proxmox/predict-start.ts';
import { isSet } from '#proxmox/start-values.ts';
import { type DoctorRules, type Judgement, vmRule } from '../doctor-rule.ts';
import type { DoctorView, ExaminedVm } from '../doctor-view.ts';
import { keyEvidence } from '../evidence.ts';

export const numaRules: DoctorRules<NumaFacts> = {
  'numa-line-without-numa': vmRule('ineffective', findLinesWithoutNuma),
};

/** `numa: 1` makes the lines count, right or wrong: it is only offered where the VM then starts, and is not bound to memory that may run out. */
function findLinesWithoutNuma(
  vm: ExaminedVm,
  { startHost }: DoctorView,
): Judgement<NumaFacts['numa-line-without-numa']> | null {
  const keys = numaKeys(vm.next);
  if (keys.length === 0 || isSet(vm.next, 'numa')) return null;
  const { starts, problems } = predictStart(new Map([...vm.next, ['numa', '1']]), startHost);
  const problem = starts ? null : (problems[0]?.code ?? null);
  const binds = keys.some(key => /(^|,)policy=bind(,|$)/.test(vm.next.get(key) ?? ''));
  return {
    facts: { keys, binds, problem },
    evidence: keyEvidence(vm, ['numa', ...keys]),
    fix: starts && !binds ? { kind: 'config', edits: [{ key: 'numa', after: '1' }] } : null,
  };
}
