// Rules about CPUs that the kernel was told to keep clear, at boot.

import { bootParameters, isolationFlags, namesCpu } from '#boot/boot-words.ts';
import type { IsolationFacts } from '#domain/doctor/isolation-facts.ts';
import { type CpuSet, unionOf } from '#domain/id-set.ts';
import { type DoctorRules, type Found, hostRule, type Judgement, vmRule } from '../doctor-rule.ts';
import type { DoctorView, ExaminedVm } from '../doctor-view.ts';
import { keyEvidence, textEvidence, valueEvidence } from '../evidence.ts';
import { isPlaced } from '../held-cpus.ts';
import { pinnedCpus } from '../pinned-cpus.ts';

export const isolationRules: DoctorRules<IsolationFacts> = {
  'cpu0-isolated': hostRule('hurts-latency', findIsolatedCpu0),
  'isolated-pile-up': vmRule('hurts-latency', findPileUp),
  'isolated-siblings': hostRule('hurts-latency', findOpenSiblings),
  'isolation-shortened': { impact: 'ineffective', examine: findShortened },
  'isolcpus-without-domain': hostRule('ineffective', findNoDomain),
  'isolcpus-without-managed-irq': hostRule('worth-knowing', findNoManagedIrq),
  'nohz-full-unsupported': hostRule('ineffective', findUnsupported),
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

/** A VM that runs shows whether its threads are pinned one by one; of a stopped one with a hookscript nobody can tell. */
function findPileUp(vm: ExaminedVm, view: DoctorView): Judgement<IsolationFacts['isolated-pile-up']> | null {
  const { guest, next } = vm;
  const mask = pinnedCpus(vm, view);
  if (mask === null || mask.size < 2 || isPlaced(vm, view)) return null;
  const cpus = mask.intersection(view.inventory.topology.isolated);
  const mayBePinned = guest.runtime === null ? next.has('hookscript') : hasPinnedVcpus(guest.runtime);
  if (cpus.isEmpty || mayBePinned) return null;
  return {
    facts: { cpus, vcpus: guest.pluggedVcpus },
    evidence: [...keyEvidence(vm, ['affinity']), ...valueEvidence(view.texts.isolated)],
    fix: null,
  };
}

function hasPinnedVcpus({ threads }: NonNullable<ExaminedVm['guest']['runtime']>): boolean {
  return threads.every(({ role, allowed }) => role.kind !== 'vcpu' || allowed.size === 1);
}

function findOpenSiblings({ texts, inventory }: DoctorView): Judgement<IsolationFacts['isolated-siblings']> | null {
  const { isolated, cores } = inventory.topology;
  const split = cores.filter(core => !core.cpus.isDisjointFrom(isolated) && !core.cpus.isSubsetOf(isolated));
  if (split.length === 0) return null;
  const cpus = unionOf(split.map(core => core.cpus.intersection(isolated)));
  const siblings = unionOf(split.map(core => core.cpus.difference(isolated)));
  return { facts: { cpus, siblings }, evidence: valueEvidence(texts.isolated, texts.commandLine), fix: null };
}

/** A kernel without `nohz_full` and an `isolcpus` that is not about the scheduler are findings of their own, and so is CPU 0. */
function findShortened(view: DoctorView): readonly Found<IsolationFacts['isolation-shortened']>[] {
  const { texts, inventory } = view;
  const { isolated, nohzFull, present } = inventory.topology;
  const values = (name: string) => bootParameters(texts.commandLine?.text ?? '', name);
  const asked = [
    {
      parameter: 'isolcpus',
      values: values('isolcpus').filter(isAboutScheduling),
      taken: isolated,
      shown: texts.isolated,
    },
    {
      parameter: 'nohz_full',
      values: supportsNohzFull(view) ? values('nohz_full') : [],
      taken: nohzFull,
      shown: texts.nohzFull,
    },
  ] as const;
  return asked
    .filter(({ values, taken, shown }) => shown !== null && values.some(value => isShortened(value, taken, present)))
    .map(({ parameter, values, taken, shown }) => ({
      subject: 'host',
      facts: { parameter, values, taken },
      evidence: valueEvidence(texts.commandLine, shown),
      fix: null,
    }));
}

function isShortened(value: string, taken: CpuSet, present: CpuSet): boolean {
  const largest = present.ids.at(-1) ?? 0;
  const asked = present.filter(cpu => cpu !== 0 && namesCpu(value, cpu, largest));
  // A list that names nothing we know is one that the kernel refuses as a whole, unless CPU 0 is all of it.
  return asked.isEmpty ? taken.isEmpty && !namesCpu(value, 0, largest) : !asked.isSubsetOf(taken);
}

/** Without any flag `isolcpus` means `domain`; with others alone it isolates nothing from the scheduler. */
function isAboutScheduling(value: string): boolean {
  const flags = isolationFlags(value);
  return flags.length === 0 || flags.includes('domain');
}

function findNoDomain({ texts }: DoctorView): Judgement<IsolationFacts['isolcpus-without-domain']> | null {
  const all = bootParameters(texts.commandLine?.text ?? '', 'isolcpus');
  if (all.length === 0 || all.some(isAboutScheduling)) return null;
  return { facts: { values: all }, evidence: valueEvidence(texts.commandLine, texts.isolated), fix: null };
}

/** Of a list that the kernel has refused nothing is left to improve. */
function findNoManagedIrq({
  texts,
  inventory,
}: DoctorView): Judgement<IsolationFacts['isolcpus-without-managed-irq']> | null {
  const all = bootParameters(texts.commandLine?.text ?? '', 'isolcpus');
  const isManaged = all.some(value => isolationFlags(value).includes('managed_irq'));
  if (isManaged || inventory.topology.isolated.isEmpty || !all.some(isAboutScheduling)) return null;
  return { facts: { values: all }, evidence: valueEvidence(texts.commandLine), fix: null };
}

function findUnsupported(view: DoctorView): Judgement<IsolationFacts['nohz-full-unsupported']> | null {
  const { texts, kernelConfig } = view;
  if (bootParameters(texts.commandLine?.text ?? '', 'nohz_full').length === 0 || supportsNohzFull(view)) return null;
  return {
    facts: { release: texts.release?.text.trim() ?? '' },
    evidence: [...valueEvidence(texts.commandLine, texts.release), ...textEvidence(kernelConfig, NO_HZ_FULL)],
    fix: null,
  };
}

const NO_HZ_FULL = /CONFIG_NO_HZ_FULL[ =]/;

/** A kernel that has it shows the file, with "(null)" when nothing was asked for; where neither is there, nothing is said. */
function supportsNohzFull({ texts, kernelConfig }: DoctorView): boolean {
  if (kernelConfig !== null) return /^CONFIG_NO_HZ_FULL=y$/m.test(kernelConfig.text);
  return texts.nohzFull !== null || texts.online === null;
}
