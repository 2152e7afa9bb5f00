// What counts as a deviation here, and where a placed guest has gone.
import { expect, it } from 'vitest';
import { examineTree } from '#fixtures/doctor/doctor-tree.ts';
import { driftCases } from '#fixtures/doctor/drift-cases.ts';

async function factsIn(code: keyof typeof driftCases, name: string) {
  const { findings } = await examineTree(driftCases[code].triggers[name] ?? new Map());
  return findings.find(finding => finding.code === code)?.facts;
}

it('placement-deviates counts what verify finds, and names the guests', async () => {
  expect(await factsIn('placement-deviates', 'its affinity was edited')).toEqual({ deviations: 1, vmids: [101] });
  expect(await factsIn('placement-deviates', 'a vCPU may run anywhere')).toEqual({ deviations: 1, vmids: [101] });
});

it('placed-guest-gone tells a deleted guest from one that has moved and from one that took its number', async () => {
  const nobody = { gone: [], moved: [], replaced: [] };
  expect(await factsIn('placed-guest-gone', 'it was deleted')).toEqual({ ...nobody, gone: [101] });
  expect(await factsIn('placed-guest-gone', 'it is on another node')).toEqual({ ...nobody, moved: [101] });
  expect(await factsIn('placed-guest-gone', 'its number is another guest’s')).toEqual({ ...nobody, replaced: [101] });
});
