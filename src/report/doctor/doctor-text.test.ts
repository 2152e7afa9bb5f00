// What doctor prints: every finding in whole sentences, with its lines, and nothing that steers a terminal.
import { describe, expect, it } from 'vitest';
import type { DoctorReport } from '#domain/doctor-report.ts';
import { doctorCases } from '#fixtures/doctor/doctor-cases.ts';
import { type DoctorTree, examineTree, makeDoctorTree } from '#fixtures/doctor/doctor-tree.ts';
import { makePaint } from '../paint.ts';
import { describeDoctorFinding } from './doctor-messages.ts';
import { renderDoctor, renderLeftFixes } from './doctor-text.ts';

const trees = Object.entries(doctorCases).flatMap(([code, { triggers }]) =>
  Object.entries(triggers).map(([name, tree]) => ({ code, name, tree })),
);

async function render(tree: DoctorTree, more: Partial<DoctorReport> = {}): Promise<string> {
  const { view, findings } = await examineTree(tree);
  const report = { node: 'pve1', findings, ignored: [], unknown: view.unknown, ...more };
  return renderDoctor(report, view.inventory, makePaint(false));
}

describe('describeDoctorFinding()', () => {
  it.each(trees)('tells $code in sentences: $name', async ({ tree }) => {
    const { findings } = await examineTree(tree);
    for (const finding of findings) {
      for (const text of Object.values(describeDoctorFinding(finding))) {
        expect(text).toMatch(/^[A-Za-z0-9].*\.$/);
        expect(text).not.toMatch(/undefined|null|NaN|\[object|\n/);
      }
    }
  });
});

describe('renderDoctor()', () => {
  it('shows what, where, why, what to do and the fix', async () => {
    const text = await render(makeDoctorTree({ vms: { 101: 'name: web\naffinity: 4,5,\n' } }));
    expect(text).toBe(`Doctor pve1  [simulated]

Keeps a guest from starting

✗ 101 web: taskset cannot read affinity: 4,5,, so the VM cannot start. [affinity-breaks-start]
    /etc/pve/nodes/pve1/qemu-server/101.conf:2  affinity: 4,5,
    Why: Proxmox accepts more than taskset does, and checks no CPU against the machine.
    Do:  Write the list without spaces and without a comma at its end.
    Fix: affinity: 4-5

1 finding: 1 against a start; \`berth doctor --fix\` offers to fix 1. More on each in docs/findings.
`);
  });

  it('shows commands as a shell takes them', async () => {
    const [tree] = Object.values(doctorCases['ksm-merges-across-nodes'].triggers);
    const text = await render(tree ?? new Map());
    expect(text).toContain('    Run: echo 0 > /sys/kernel/mm/ksm/merge_across_nodes\n');
    expect(text).toContain('1 finding: 1 at the cost of latency. More');
  });

  it('counts findings by what they cost', async () => {
    const vms = { 101: 'affinity: 0\n', 102: 'affinity: 0\n', 103: 'affinity: 99\n' };
    expect(await render(makeDoctorTree({ vms }))).toContain('\n3 findings: 1 against a start, 2 without effect; ');
  });

  it('shows four lines of evidence and counts the rest', async () => {
    const keys = [0, 1, 2, 3, 4, 5].map(n => `affinity${n}: ${n}\n`).join('');
    const text = await render(makeDoctorTree({ vms: { 101: keys } }));
    expect(text).toContain('affinity3: 3\n    … and 2 more\n');
    expect(text).not.toContain('101.conf:5');
  });

  it('names what is ignored with its reason, and says when nothing else is wrong', async () => {
    const { findings } = await examineTree(makeDoctorTree({ vms: { 101: 'affinity: 0\n' } }));
    const ignored = findings.map(finding => ({ finding, reason: 'one\x1b[2J vCPU' }));
    const text = await render(makeDoctorTree({}), { ignored });
    expect(text).toContain('ignored: affinity-zero of 101 (one?[2J vCPU)\n✓ Nothing is wrong');
  });

  it('counts texts that could not be read, but for those that a finding is about', async () => {
    const tree = makeDoctorTree({ vms: { 101: 'affinity0: 1\n', 102: 'cores: x\n' } });
    expect(await render(tree)).toContain('\n1 text could not be read');
  });

  it('lets no control character of a config reach the terminal', async () => {
    const text = await render(makeDoctorTree({ vms: { 101: 'name: a\naffinity0: \x1b[2J\n' } }));
    expect(text).not.toContain('\x1b');
  });
});

describe('renderLeftFixes()', () => {
  it.each(['placed', 'locked', 'conflict', 'breaks-start'] as const)('says why one is left: %s', async obstacle => {
    const { findings } = await examineTree(makeDoctorTree({ vms: { 101: 'affinity: 0\n' } }));
    const left = findings.map(finding => ({ finding, obstacle }));
    expect(renderLeftFixes(left, makePaint(false))).toEqual([
      expect.stringMatching(/^! not fixed: affinity-zero of 101, because /),
    ]);
  });
});
