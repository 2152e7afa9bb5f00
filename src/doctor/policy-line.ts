// The line of the policy file that names a guest or a tag.
import type { Evidence } from '#domain/doctor-finding.ts';
import type { DoctorView } from './doctor-view.ts';
import { textEvidence } from './evidence.ts';

/** Those that begin with the name, as in `101: { class: dedicated }`; the file as a whole where it is written in another way. */
export function policyEvidence({ policySource }: DoctorView, names: readonly (number | string)[]): readonly Evidence[] {
  if (policySource === null) return [];
  const lines = names.flatMap(name => {
    const literal = `${name}`.replaceAll(/[.+*?^$()[\]{}|\\]/g, '\\$&');
    return textEvidence(policySource, new RegExp(`^\\s*(["']?)${literal}\\1\\s*:`));
  });
  return lines.length > 0 ? lines : [{ file: policySource.file, line: null, text: '' }];
}
