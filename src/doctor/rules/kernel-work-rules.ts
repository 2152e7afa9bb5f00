// Rules about work that the kernel does for itself on CPUs which guests have for themselves.
import type { KernelWorkFacts } from '#domain/doctor/host-facts.ts';
import { encodeCpuMask, encodeIdList } from '#domain/id-list.ts';
import { type DoctorRules, hostRule, type Judgement } from '../doctor-rule.ts';
import type { DoctorView } from '../doctor-view.ts';
import { valueEvidence } from '../evidence.ts';
import { listedCpus, maskedCpus } from '../listed-cpus.ts';
import { ownerEvidence } from '../owner-evidence.ts';
import { sharedCpus, takenCpus } from '../taken-cpus.ts';

export const kernelWorkRules: DoctorRules<KernelWorkFacts> = {
  'workqueues-on-pinned': hostRule('worth-knowing', findWorkqueues),
  'watchdog-on-pinned': hostRule('worth-knowing', findWatchdog),
};

/**
 * The mask for all workqueues that are not bound to a CPU. Masks of single ones need no look: the kernel cuts each down to this one
 * (kernel `core-api/workqueue`, `wqattrs_actualize_cpumask`).
 */
function findWorkqueues(view: DoctorView): Judgement<KernelWorkFacts['workqueues-on-pinned']> | null {
  const { workqueueCpus: source } = view.texts;
  const allowed = source && maskedCpus(source);
  const cpus = allowed?.intersection(takenCpus(view));
  if (source === null || cpus === undefined || cpus.isEmpty) return null;
  const rest = sharedCpus(view);
  const width = (view.inventory.topology.present.ids.at(-1) ?? 0) + 1;
  const command = `echo ${encodeCpuMask(rest, width)} > ${source.file}`;
  return {
    facts: { cpus, rest },
    evidence: [...valueEvidence(source), ...ownerEvidence(view, cpus)],
    fix: rest.isEmpty ? null : { kind: 'commands', commands: [['sh', '-c', command]] },
  };
}

/** Either detector wakes a thread on each of its CPUs every few seconds; with both off nothing runs there. */
function findWatchdog(view: DoctorView): Judgement<KernelWorkFacts['watchdog-on-pinned']> | null {
  const { watchdogCpus: source, watchdogHard, watchdogSoft } = view.texts;
  const switchedOn = [watchdogHard, watchdogSoft].filter(detector => detector?.text.trim() === '1');
  const cpus = (source && listedCpus(source))?.intersection(takenCpus(view));
  if (source === null || cpus === undefined || cpus.isEmpty || switchedOn.length === 0) return null;
  const rest = sharedCpus(view);
  const setting = `kernel.watchdog_cpumask=${encodeIdList(rest)}`;
  return {
    facts: { cpus, rest },
    evidence: [...valueEvidence(source, ...switchedOn), ...ownerEvidence(view, cpus)],
    fix: rest.isEmpty ? null : { kind: 'commands', commands: [['sysctl', '-w', setting]] },
  };
}
