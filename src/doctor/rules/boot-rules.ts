// Rules about kernel parameters: where they are written, and whether the kernel got them.

import {
  type BootProgram,
  bootLoaderOf,
  grubWords,
  isGuestParameter,
  kernelLineWords,
  parameterName,
} from '#boot/boot-config.ts';
import { bootWords, type WrittenWord } from '#boot/boot-words.ts';
import type { BootFacts } from '#domain/doctor/boot-facts.ts';
import type { Evidence } from '#domain/doctor-finding.ts';
import type { DoctorTexts } from '../doctor-files.ts';
import { type DoctorRules, type Found, hostRule, type Judgement } from '../doctor-rule.ts';
import type { DoctorView } from '../doctor-view.ts';
import { lineEvidence, valueEvidence } from '../evidence.ts';

export const bootRules: DoctorRules<BootFacts> = {
  'boot-loader-unused': hostRule('ineffective', findUnusedLoader),
  'boot-parameter-overridden': hostRule('ineffective', findOverridden),
  'boot-parameter-pending': hostRule('ineffective', findPending),
  'boot-parameter-vanishing': hostRule('worth-knowing', findVanishing),
  'boot-parameter-harmful': { impact: 'hurts-latency', examine: findHarmful },
  'kernel-cmdline-later-lines': hostRule('ineffective', findLaterLines),
};

interface Booted {
  readonly loader: BootProgram;
  /** Of the kernel that runs. */
  readonly running: ReadonlySet<string>;
  /** Written where this loader reads them. */
  readonly written: readonly WrittenWord[];
  /** Written for the loader that does not boot this host. */
  readonly elsewhere: readonly WrittenWord[];
}

/** Null when it cannot be told which loader boots this host, or when its file is not there. */
function readBooted(texts: DoctorTexts): Booted | null {
  const loader = bootLoaderOf(texts);
  if (loader === null) return null;
  const [grub, kernelLine] = [grubWords(texts).passed, kernelLineWords(texts).first];
  const [written, elsewhere] = loader === 'grub' ? [grub, kernelLine] : [kernelLine, grub];
  if ((loader === 'grub' ? texts.grub : texts.kernelCommandLine) === null) return null;
  return { loader, running: new Set(bootWords(texts.commandLine?.text ?? '')), written, elsewhere };
}

function findUnusedLoader({ texts }: DoctorView): Judgement<BootFacts['boot-loader-unused']> | null {
  const booted = readBooted(texts);
  if (booted === null) return null;
  const { loader, running, written, elsewhere } = booted;
  const counts = new Set([...running, ...written.map(({ word }) => word)]);
  const vain = elsewhere.filter(({ word }) => isGuestParameter(word) && !counts.has(word));
  if (vain.length === 0) return null;
  const evidence = [...wordEvidence(vain), ...valueEvidence(texts.commandLine)];
  return { facts: { loader, parameters: namesOf(vain) }, evidence, fix: null };
}

function findOverridden({ texts }: DoctorView): Judgement<BootFacts['boot-parameter-overridden']> | null {
  if (bootLoaderOf(texts) !== 'grub') return null;
  const { overridden, passed } = grubWords(texts);
  const lost = overridden.filter(({ word }) => isGuestParameter(word) && !isSetAnew(word, passed));
  if (lost.length === 0) return null;
  return { facts: { parameters: namesOf(lost) }, evidence: wordEvidence(lost), fix: null };
}

/** A later file may well mean to give a parameter another value. */
const isSetAnew = (word: string, passed: readonly WrittenWord[]): boolean =>
  passed.some(other => parameterName(other.word) === parameterName(word));

function findPending({ texts }: DoctorView): Judgement<BootFacts['boot-parameter-pending']> | null {
  const booted = readBooted(texts);
  const pending = booted === null ? [] : pendingOf(booted);
  if (booted === null || pending.length === 0) return null;
  return {
    facts: { loader: booted.loader, parameters: namesOf(pending) },
    evidence: [...wordEvidence(pending), ...valueEvidence(texts.commandLine)],
    fix: { kind: 'commands', commands: [booted.loader === 'grub' ? ['update-grub'] : REFRESH] },
  };
}

const REFRESH = ['proxmox-boot-tool', 'refresh'] as const;

const pendingOf = ({ written, running }: Booted): readonly WrittenWord[] =>
  written.filter(({ word }) => isGuestParameter(word) && !running.has(word));

/** A parameter whose value changes is pending, and not told twice. */
function findVanishing({ texts }: DoctorView): Judgement<BootFacts['boot-parameter-vanishing']> | null {
  const booted = readBooted(texts);
  if (booted === null) return null;
  const { loader, running, written } = booted;
  const kept = new Set(written.map(({ word }) => word));
  const changing = new Set(pendingOf(booted).map(({ word }) => parameterName(word)));
  const parameters = [...running].filter(
    word => isGuestParameter(word) && !kept.has(word) && !changing.has(parameterName(word)),
  );
  if (parameters.length === 0) return null;
  return { facts: { loader, parameters }, evidence: valueEvidence(texts.commandLine), fix: null };
}

function findLaterLines({ texts }: DoctorView): Judgement<BootFacts['kernel-cmdline-later-lines']> | null {
  if (bootLoaderOf(texts) !== 'systemd-boot') return null;
  const { first, later } = kernelLineWords(texts);
  const counts = new Set(first.map(({ word }) => word));
  const vain = later.filter(({ word }) => isGuestParameter(word) && !counts.has(word));
  if (vain.length === 0) return null;
  return { facts: { parameters: namesOf(vain) }, evidence: wordEvidence(vain), fix: null };
}

function findHarmful({ texts, inventory }: DoctorView): readonly Found<BootFacts['boot-parameter-harmful']>[] {
  const { packages, cores } = inventory.topology;
  const words = new Set(bootWords(texts.commandLine?.text ?? ''));
  const harms = [
    { parameter: 'numa=off', harm: 'hides-nodes', holds: packages.length > 1 },
    { parameter: 'idle=poll', harm: 'polls', holds: cores.some(({ cpus }) => cpus.size > 1) },
  ] as const;
  return harms
    .filter(({ parameter, holds }) => holds && words.has(parameter))
    .map(({ parameter, harm }) => ({
      subject: 'host',
      facts: { parameter, harm },
      evidence: valueEvidence(texts.commandLine),
      fix: null,
    }));
}

const namesOf = (words: readonly WrittenWord[]): readonly string[] => [...new Set(words.map(({ word }) => word))];

/** Each line once, however many words it has. */
function wordEvidence(words: readonly WrittenWord[]): readonly Evidence[] {
  const lines = new Map(words.map(({ source, line }) => [`${source.file}:${line}`, lineEvidence(source, line)]));
  return [...lines.values()];
}
