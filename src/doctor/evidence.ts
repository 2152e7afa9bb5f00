// The lines that prove a finding, with their numbers.
import type { Evidence } from '#domain/doctor-finding.ts';
import type { SourceText } from '#domain/text-tree.ts';
import type { ExaminedVm } from './doctor-view.ts';

/** One line, from 1. */
export function lineEvidence({ file, text }: SourceText, line: number): Evidence {
  return { file, line, text: text.split('\n')[line - 1] ?? '' };
}

/** The lines that give a VM's next start these values, or take them away: what is pending wins over the main section. */
export function keyEvidence({ source, config, next }: ExaminedVm, keys: readonly string[]): readonly Evidence[] {
  return keys.flatMap(key => {
    const isDeleted = config.main.values.has(key) && !next.has(key);
    const inForce = isDeleted ? config.pending?.lineOf.get('delete') : config.main.lineOf.get(key);
    const line = config.pending?.lineOf.get(key) ?? inForce;
    return line === undefined ? [] : [lineEvidence(source, line)];
  });
}

/** Every line that matches; none when there is no such file. */
export function textEvidence(source: SourceText | null, pattern: RegExp): readonly Evidence[] {
  if (source === null) return [];
  return source.text
    .split('\n')
    .flatMap((text, index) => (pattern.test(text) ? [{ file: source.file, line: index + 1, text }] : []));
}

/** The file as a whole: that it is there is what matters. */
export const fileEvidence = (source: SourceText | null): readonly Evidence[] =>
  source === null ? [] : [{ file: source.file, line: null, text: '' }];

/** The one line of files such as those of sysfs. */
export function valueEvidence(...sources: readonly (SourceText | null)[]): readonly Evidence[] {
  return sources.flatMap(source => (source === null ? [] : [lineEvidence(source, 1)]));
}
