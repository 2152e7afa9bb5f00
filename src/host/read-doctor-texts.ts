// Reads the files that `DOCTOR_FILES` names, of those with a `*` all that there are.
import { DOCTOR_FILES, type DoctorTexts } from '#doctor/doctor-files.ts';
import type { SourceText, TextTree, Unknown } from '#domain/text-tree.ts';
import { HostError } from './host-error.ts';

/** Appends to `unknown` what is there and cannot be read. */
export function readDoctorTexts(tree: TextTree, unknown: Unknown[]): DoctorTexts {
  const entries = Object.entries(DOCTOR_FILES).map(([name, path]) => [
    name,
    path.includes('*')
      ? expandPattern(tree, path).flatMap(file => readSource(tree, file, unknown) ?? [])
      : readSource(tree, path, unknown),
  ]);
  return Object.fromEntries(entries) as DoctorTexts;
}

export function readSource(tree: TextTree, file: string, unknown: Unknown[]): SourceText | null {
  try {
    const text = tree.read(file);
    return text === null ? null : { file, text };
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    unknown.push({ path: file, reason: error.message });
    return null;
  }
}

/** The paths of that form; a `*` stands for any part of one name. The last step is listed only when it has one. */
function expandPattern(tree: TextTree, pattern: string): readonly string[] {
  return pattern
    .split('/')
    .slice(1)
    .reduce<readonly string[]>(
      (parents, step) => {
        if (!step.includes('*')) return parents.map(parent => `${parent}/${step}`);
        const form = new RegExp(`^${step.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
        return parents.flatMap(parent =>
          tree
            .list(parent)
            .filter(name => form.test(name))
            .map(name => `${parent}/${name}`),
        );
      },
      [''],
    );
}
