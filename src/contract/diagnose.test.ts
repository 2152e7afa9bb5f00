// The JSON of diagnose: what is written is read back as the same value.
import { describe, expect, it } from 'vitest';
import { sampleDiagnosis } from '#fixtures/sample-diagnosis.ts';
import { type DiagnoseOutput, diagnoseJson } from './diagnose.ts';
import { encodeJson, parseJson } from './read-json.ts';

const output: DiagnoseOutput = { schema: 'berth/diagnose/1', ...sampleDiagnosis };

describe('diagnoseJson', () => {
  it('reads back what it writes', () => {
    expect(parseJson(diagnoseJson, encodeJson(diagnoseJson, output), 'x.json')).toEqual(output);
  });

  it.each([
    ['another schema', 'berth/diagnose/1', 'berth/diagnose/2'],
    ['a verdict that there is not', '"starved-by-guest"', '"starved-by-moon"'],
    ['an advice that there is not', '"raise-cpulimit"', '"raise-hell"'],
    ['a negative share', /"waitShare": [\d.]+/, '"waitShare": -1'],
    ['a state that there is not', '"state": "stopped"', '"state": "asleep"'],
  ])('refuses %s', (_, from, to) => {
    const text = encodeJson(diagnoseJson, output);
    expect(text.replace(from, to)).not.toBe(text);
    expect(() => parseJson(diagnoseJson, text.replace(from, to), 'x.json')).toThrow('x.json');
  });
});
