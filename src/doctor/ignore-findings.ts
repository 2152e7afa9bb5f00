// Sets aside the findings that the policy says are known and accepted.
import type { DoctorFinding } from '#domain/doctor-finding.ts';
import type { IgnoredFinding, IgnoreEntry } from '#domain/doctor-report.ts';

/** The first entry that fits gives the reason. */
export function ignoreFindings(
  findings: readonly DoctorFinding[],
  entries: readonly IgnoreEntry[],
): { readonly findings: readonly DoctorFinding[]; readonly ignored: readonly IgnoredFinding[] } {
  const entryFor = (finding: DoctorFinding) => entries.find(entry => isAbout(entry, finding));
  return {
    findings: findings.filter(finding => entryFor(finding) === undefined),
    ignored: findings.flatMap(finding => {
      const entry = entryFor(finding);
      return entry === undefined ? [] : [{ finding, reason: entry.reason }];
    }),
  };
}

/** An entry that names guests is about those guests only, never about the host. */
function isAbout({ code, guests }: IgnoreEntry, finding: DoctorFinding): boolean {
  return code === finding.code && (guests === null || guests.some(vmid => vmid === finding.subject));
}
