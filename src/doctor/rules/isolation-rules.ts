// Rules about CPUs that the kernel was told to keep clear, at boot.
import type { IsolationFacts } from '#domain/doctor/isolation-facts.ts';
import { bootParameters, namesCpu } from '../boot-parameters.ts';
import { type DoctorRules, hostRule, type Judgement } from '../doctor-rule.ts';
import type { DoctorView } from '../doctor-view.ts';
import { valueEvidence } from '../evidence.ts';

export const isolationRules: DoctorRules<IsolationFacts> = {
  'cpu0-isolated': hostRule('hurts-latency', findIsolatedCpu0),
};

/** The command line, not sysfs, says what was asked for: the kernel takes CPU 0 out of `nohz_full` by itself. */
function findIsolatedCpu0({ texts, inventory }: DoctorView): Judgement<IsolationFacts['cpu0-isolated']> | null {
  const largest = inventory.topology.present.ids.at(-1) ?? 0;
  const parameters = (['isolcpus', 'nohz_full'] as const).filter(name =>
    bootParameters(texts.commandLine?.text ?? '', name).some(list => namesCpu(list, 0, largest)),
  );
  if (parameters.length === 0) return null;
  return {
    facts: { parameters },
    evidence: valueEvidence(texts.commandLine, texts.isolated, texts.nohzFull),
    fix: null,
  };
}
