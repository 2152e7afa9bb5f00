// The JSON of doctor: every finding that a rule makes is written and read back as the same.
import { describe, expect, it } from 'vitest';
import { doctorCases } from '#fixtures/doctor/doctor-cases.ts';
import { examineTree } from '#fixtures/doctor/doctor-tree.ts';
import { type DoctorOutput, doctorJson } from './doctor.ts';
import { encodeJson, parseJson } from './read-json.ts';

const trees = Object.entries(doctorCases).flatMap(([code, { triggers }]) =>
  Object.entries(triggers).map(([name, tree]) => ({ code, name, tree })),
);
const EMPTY: DoctorOutput = {
  ...{ schema: 'berth/doctor/1', simulated: true, node: 'pve1', fixedBy: null },
  ...{ findings: [], ignored: [], unknown: [] },
};

describe('doctorJson', () => {
  it.each(trees)('keeps $code: $name', async ({ tree }) => {
    const { findings } = await examineTree(tree);
    const ignored = findings.map(finding => ({ finding, reason: 'known' }));
    const output: DoctorOutput = { ...EMPTY, findings, ignored };
    expect(parseJson(doctorJson, encodeJson(doctorJson, output), 'x.json')).toEqual(output);
  });

  it('takes no code that there is not, and no facts of another code', () => {
    const common = { impact: 'ineffective', subject: 101, evidence: [], fix: null };
    const read = (finding: object) =>
      parseJson(doctorJson, JSON.stringify({ ...EMPTY, findings: [{ ...common, ...finding }] }), 'x.json');
    expect(read({ code: 'affinity-zero', facts: { value: '0' } }).findings).toHaveLength(1);
    expect(() => read({ code: 'affinity-nought', facts: { value: '0' } })).toThrow('x.json');
    expect(() => read({ code: 'affinity-zero', facts: { keys: [] } })).toThrow('x.json');
    expect(() => read({ code: 'affinity-zero', facts: { value: '0' }, subject: 'guest' })).toThrow('x.json');
  });
});
