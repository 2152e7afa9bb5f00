// The kernel's cpulists and cpumaps, read and written.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParseError } from './errors.ts';
import { encodeCpuMask, encodeIdList, parseCpuList, parseCpuMask, parseIdList, parseNodeList } from './id-list.ts';
import { cpuSet, nodeSet } from './id-set.ts';

const anyIds = fc.uniqueArray(fc.oneof(fc.integer({ min: 0, max: 70 }), fc.integer({ min: 0, max: 65_535 })));

describe('parseCpuList()', () => {
  it.each([
    ['', []],
    ['\n', []],
    ['0', [0]],
    ['0\n', [0]],
    ['0-3,8', [0, 1, 2, 3, 8]],
    ['8,0-3', [0, 1, 2, 3, 8]],
    ['1,1-2,2', [1, 2]],
    ['5-5', [5]],
    ['007', [7]],
    ['65535', [65_535]],
  ] as const)('reads %j', (text, ids) => {
    expect(parseCpuList(text).ids).toEqual(ids);
  });

  it.each([
    ['3-1', 'range start 3 is after end 1'],
    ['0,,2', 'an entry is empty'],
    [',0', 'an entry is empty'],
    ['0,', 'an entry is empty'],
    [' 0', '" 0" is neither an id nor a range'],
    ['0 ', 'neither'],
    ['0, 1', '" 1" is neither'],
    ['-1', '"-1" is neither'],
    ['+1', 'neither'],
    ['1-', 'neither'],
    ['1-2-3', 'neither'],
    ['0-10:2', '"0-10:2" is neither'],
    ['^2', 'neither'],
    ['0;1', 'neither'],
    ['all', 'neither'],
    ['N', 'neither'],
    ['0x3', 'neither'],
    ['1e2', 'neither'],
    ['1.5', 'neither'],
    ['\u0661', 'neither'],
    ['0\n\n', 'neither'],
    ['0\r\n', 'neither'],
    ['65536', '65536 is larger than any id (65535)'],
    ['0-99999999999999999999', 'larger than any id'],
    ['(null)', 'neither'],
  ])('refuses %j', (text, reason) => {
    expect(() => parseCpuList(text)).toThrow(ParseError);
    expect(() => parseCpuList(text)).toThrow(reason);
  });

  it('reads back every set that encodeIdList() writes', () => {
    fc.assert(
      fc.property(anyIds, ids => {
        expect(parseCpuList(encodeIdList(cpuSet(ids)))).toEqual(cpuSet(ids));
      }),
    );
  });
});

describe('parseNodeList()', () => {
  it('reads sparse nodes', () => {
    expect(parseNodeList('0-1,33\n')).toEqual(nodeSet([0, 1, 33]));
  });

  it('names its form in errors', () => {
    expect(() => parseNodeList('x')).toThrow('Cannot parse node list "x"');
  });
});

describe('parseIdList()', () => {
  it('takes another separator, and then no comma', () => {
    expect(parseIdList('0-1;4', 'list', ';').ids).toEqual([0, 1, 4]);
    expect(() => parseIdList('0,1', 'list', ';')).toThrow('"0,1" is neither');
  });
});

describe('encodeIdList()', () => {
  it.each([
    [[], ''],
    [[3], '3'],
    [[0, 1], '0-1'],
    [[0, 2, 4], '0,2,4'],
    [[9, 8, 7, 1], '1,7-9'],
  ] as const)('writes %j as %j', (ids, text) => {
    expect(encodeIdList(cpuSet(ids))).toBe(text);
  });
});

describe('parseCpuMask()', () => {
  it.each([
    ['0', []],
    ['1', [0]],
    ['f\n', [0, 1, 2, 3]],
    ['F0', [4, 5, 6, 7]],
    ['80000000', [31]],
    ['00000001,0000000f', [0, 1, 2, 3, 32]],
    ['1,00000000,00000000', [64]],
  ] as const)('reads %j', (text, ids) => {
    expect(parseCpuMask(text).ids).toEqual(ids);
  });

  it.each(['', '0x1', 'g', '123456789', '1,1', '1,0000000', '1,,00000000', ',00000001', '1 2', '-1'])(
    'refuses %j',
    text => {
      expect(() => parseCpuMask(text)).toThrow('expected groups of up to eight hex digits');
    },
  );

  it('reads back every mask that encodeCpuMask() writes', () => {
    const small = fc.uniqueArray(fc.integer({ min: 0, max: 200 }));
    fc.assert(
      fc.property(small, ids => {
        expect(parseCpuMask(encodeCpuMask(cpuSet(ids), 201))).toEqual(cpuSet(ids));
      }),
    );
  });
});

describe('encodeCpuMask()', () => {
  it.each([
    [[], 0, '00000000'],
    [[], 33, '00000000,00000000'],
    [[0, 31], 32, '80000001'],
    [[32], 33, '00000001,00000000'],
  ] as const)('writes %j over %i CPUs as %j', (ids, width, text) => {
    expect(encodeCpuMask(cpuSet(ids), width)).toBe(text);
  });
});
