// What the policy sets aside, and what it does not.
import { describe, expect, it } from 'vitest';
import type { DoctorFinding } from '#domain/doctor-finding.ts';
import { vmId } from '#domain/ids.ts';
import { ignoreFindings } from './ignore-findings.ts';

const found = (subject: DoctorFinding['subject'], value = '0'): DoctorFinding => ({
  ...{ code: 'affinity-zero', impact: 'ineffective', subject, facts: { value }, evidence: [], fix: null },
});
const entry = { code: 'affinity-zero', guests: null, reason: 'known' } as const;

describe('ignoreFindings()', () => {
  it('sets a code aside wherever it occurs, with the reason', () => {
    const both = [found('host'), found(vmId(101))];
    expect(ignoreFindings(both, [entry])).toEqual({
      findings: [],
      ignored: both.map(finding => ({ finding, reason: 'known' })),
    });
  });

  it('keeps to the guests that are named, and off the host', () => {
    const [host, one, other] = [found('host'), found(vmId(101)), found(vmId(102))];
    const { findings, ignored } = ignoreFindings([host, one, other], [{ ...entry, guests: [vmId(101)] }]);
    expect(findings).toEqual([host, other]);
    expect(ignored).toEqual([{ finding: one, reason: 'known' }]);
  });

  it('takes the reason of the first entry that fits', () => {
    const entries = [{ ...entry, guests: [vmId(102)], reason: 'no' }, entry, { ...entry, reason: 'late' }];
    expect(ignoreFindings([found(vmId(101))], entries).ignored).toMatchObject([{ reason: 'known' }]);
  });

  it('leaves other codes and empty lists of guests alone', () => {
    const one = found(vmId(101));
    const entries = [{ ...entry, code: 'unknown-key' } as const, { ...entry, guests: [] }];
    expect(ignoreFindings([one], entries)).toEqual({ findings: [one], ignored: [] });
  });
});
