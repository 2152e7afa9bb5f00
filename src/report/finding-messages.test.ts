// Every finding has English that names its facts.
import { describe, expect, it } from 'vitest';
import { finding } from '#domain/finding.ts';
import { cpuSet } from '#domain/id-set.ts';
import { vmId } from '#domain/ids.ts';
import { sampleFindings } from '#fixtures/sample-findings.ts';
import { describeFinding } from './finding-messages.ts';
import { renderFindings } from './findings-text.ts';
import { makePaint } from './paint.ts';

describe('describeFinding()', () => {
  it.each(sampleFindings)('says $code in a sentence, with the guest it is about', found => {
    const text = describeFinding(found);
    expect(text).toMatch(/^[A-Z0-9].*[.)…]$|no answer$/);
    expect(text).not.toMatch(/undefined|null|NaN|\[object/);
    if ('vmid' in found) expect(text).toContain('101');
  });

  it('lets no control character of a config reach the terminal', () => {
    const text = describeFinding(
      finding('config-drift', 'warning', { vmid: vmId(101), key: 'affinity', found: '\x1b[2J1', wanted: null }),
    );
    expect(text).not.toContain('\x1b');
    expect(text).toContain('"?[2J1"');
  });

  it('says "none" for an empty set of CPUs', () => {
    const facts = { vmid: vmId(101), cpuset: cpuSet(), wanted: cpuSet([1]), isTaken: false };
    expect(describeFinding(finding('container-cpuset', 'error', facts))).toContain('CPUs none');
  });
});

describe('describeFinding() of a thread that is elsewhere', () => {
  const describeTaken = (takenBy: string | null) =>
    describeFinding(
      finding('vcpu-mask', 'error', {
        ...{ vmid: vmId(101), vcpu: 0, tid: 4711, allowed: cpuSet([0]), wanted: cpuSet([4]), takenBy },
      }),
    );

  it('promises that apply helps only where nothing is in the way', () => {
    expect(describeTaken(null)).toContain('`berth apply` puts it back.');
    expect(describeTaken('qemu.slice')).toMatch(
      /cpuset of qemu\.slice .* `berth apply` cannot: .* AllowedCPUs qemu\.slice/,
    );
    expect(describeTaken('')).toMatch(/A cpuset partition has taken its CPUs, so `berth apply` cannot\./);
  });
});

describe('renderFindings()', () => {
  it('puts errors first and notes last, each with its code', () => {
    const findings = (['note', 'error', 'warning'] as const).map(severity =>
      finding('memory-unread', severity, { vmid: vmId(101) }),
    );
    const lines = renderFindings(findings, makePaint(false));
    expect(lines.map(line => line.charAt(0))).toEqual(['✗', '!', '·']);
    expect(lines.every(line => line.endsWith('[memory-unread]'))).toBe(true);
  });
});
