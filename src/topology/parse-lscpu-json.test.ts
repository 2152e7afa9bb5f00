// JSON of lscpu: flat and nested summaries, tables with and without types, and other JSON.
import { describe, expect, it } from 'vitest';
import { encodeIdList } from '#domain/id-list.ts';
import { parseLscpuJson } from './parse-lscpu-json.ts';

const field = (label: string, data: string | null, children?: readonly unknown[]): unknown => ({
  field: label,
  data,
  ...(children ? { children } : {}),
});

describe('parseLscpuJson()', () => {
  it.each([
    ['flat', [field('CPU(s):', '2'), field('On-line CPU(s) list:', '0,1'), field('NUMA node0 CPU(s):', '0,1')]],
    [
      'nested',
      [
        field('CPU(s):', '2', [field('On-line CPU(s) list:', '0,1')]),
        field('NUMA:', null, [field('NUMA node0 CPU(s):', '0,1')]),
      ],
    ],
  ])('reads a %s summary', (_, lscpu) => {
    const { tool, online, nodes } = parseLscpuJson(JSON.stringify({ lscpu }));
    expect(tool).toBe('lscpu');
    expect(online && encodeIdList(online)).toBe('0-1');
    expect(nodes?.map(({ cpus }) => cpus && encodeIdList(cpus))).toEqual(['0-1']);
  });

  it.each([
    ['typed', '{"cpus": [{"cpu": 0, "core": 0, "online": true}, {"cpu": 1, "core": -, "online": false}]}'],
    ['text', '{"cpus": [{"cpu": "0", "core": "0", "online": "yes"}, {"cpu": "1", "core": "-", "online": "no"}]}'],
    [
      'localised',
      '{"cpus": [{"cpu": "0", "core": "0", "online": "oui"}, {"cpu": "1", "core": null, "online": "non"}]}',
    ],
  ])('reads a table with %s values', (_, text) => {
    const { tool, present, online, cores } = parseLscpuJson(text);
    expect(tool).toBe('lscpu -e');
    expect([present, online].map(cpus => cpus && encodeIdList(cpus))).toEqual(['0-1', '0']);
    expect(cores?.map(({ cpus }) => encodeIdList(cpus))).toEqual(['0']);
  });

  it.each([
    ['[]', 1],
    ['{}', 1],
    ['{"a": []}', 1],
    ['{"lscpu": [],\n"cpus": []}', 1],
    ['{\n"cpus": []}', 2],
    ['{\n"cpus": {}}', 2],
    ['{"cpus": [\n1]}', 2],
    ['{"cpus": [{\n"cpu": []}]}', 2],
    ['{"cpus": [\n{"core": 0}]}', 2],
    ['{"cpus": [{"cpu": 0},\n{"cpu": 0}]}', 2],
    ['{"lscpu": []}', 1],
    ['{"lscpu": [\n{"data": "1"}]}', 2],
    ['{"lscpu": [\n{"field": "CPU(s):", "data": []}]}', 2],
    ['{"lscpu": [{"field": "CPU(s):", "data": "2"},\n{"field": "On-line CPU(s) list:", "data": "0"}]}', 2],
  ])('rejects %j at its line', (text, line) => {
    expect(() => parseLscpuJson(text)).toThrow(expect.objectContaining({ position: { line } }));
  });

  it.each([
    ['{"lscpu": [], "a": 1}', 'Expected the JSON of lscpu: an object with "lscpu" or "cpus"'],
    ['{"cpus": [], "a": 1}', 'Expected the JSON of lscpu: an object with "lscpu" or "cpus"'],
    ['{"lscpu": [{"data": "1"}]}', 'Expected an object with "field" and "data"'],
    ['{"cpus": [{"cpu": []}]}', 'Expected one value for "cpu"'],
    ['{"cpus": []}', 'The table has no rows'],
    ['[]', 'Expected an object'],
    ['{"cpus": {}}', 'Expected an array'],
  ])('says what is wrong with %j', (text, message) => {
    expect(() => parseLscpuJson(text)).toThrow(message);
  });

  it('reads labels without their colon, wide or narrow, and values without blanks around them', () => {
    const lscpu = [
      field(' CPU(s) : ', ' 1 '),
      field('On-line CPU(s) list：', '0'),
      field('Model name:', ' A: B '),
      field('Mod:el name', 'C'),
      { field: 'Model name:' },
      field(' Model name :', 'D'),
    ];
    expect(parseLscpuJson(JSON.stringify({ lscpu })).model).toBe('A: B + D');
  });
});
