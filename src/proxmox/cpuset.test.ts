// The `affinity` dialect: what counts, what is ignored, and what keeps a VM from starting.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { encodeAffinity, parseAffinity, parseCpusetRanges } from './cpuset.ts';

const ids = (text: string) => {
  const view = parseAffinity(text);
  return view.kind === 'rejected' ? null : view.cpus.ids;
};

describe('parseAffinity()', () => {
  it.each([
    ['0-3', [0, 1, 2, 3]],
    ['0-0', [0]],
    ['00', [0]],
    ['8,4-7,4', [4, 5, 6, 7, 8]],
    ['0-1,8-9', [0, 1, 8, 9]],
    ['007', [7]],
  ])('reads %j', (text, cpus) => {
    expect(parseAffinity(text).kind).toBe('set');
    expect(ids(text)).toEqual(cpus);
  });

  it.each(['0', ''])('knows that Proxmox ignores %j', text => {
    expect(parseAffinity(text).kind).toBe('ignored');
  });

  it.each([
    ['0,1,', [0, 1]],
    ['0-3,,', [0, 1, 2, 3]],
    [',', []],
    [' 0 , 2', [0, 2]],
    ['1 ', [1]],
    ['1\n', [1]],
    ['\t1', [1]],
    ['\v1\v', [1]],
    ['70000', []],
  ])('knows that a VM with %j cannot start', (text, cpus) => {
    expect(parseAffinity(text).kind).toBe('breaks-start');
    expect(ids(text)).toEqual(cpus);
  });

  it.each([
    '0-3:2',
    '0-3/2',
    '5-2',
    '1,9-8',
    'a',
    '^1',
    '1-',
    '-1',
    '1--2',
    '1-2-3',
    '1,,2',
    ',1',
    '0x1',
    '1;2',
    '0 1',
    '1.5',
    '+1',
    'all',
    '0-N',
    ' ',
    ' ,',
    '1 -2',
    '1- 2',
    'N',
    '²',
    '\u00a01',
  ])('rejects %j', text => {
    expect(parseAffinity(text).kind).toBe('rejected');
  });

  it('says what is wrong with a rejected value', () => {
    expect(parseAffinity('1,5-2')).toEqual({ kind: 'rejected', reason: 'range start 5 is after end 2' });
    expect(parseAffinity('0-3:2')).toEqual({
      kind: 'rejected',
      reason: '"0-3:2" is neither a CPU nor a range of CPUs',
    });
  });

  it('says why a VM cannot start', () => {
    expect(parseAffinity('1,')).toMatchObject({ reason: 'taskset reads neither spaces nor a trailing comma' });
    expect(parseAffinity('70000')).toMatchObject({ reason: 'no machine has such a CPU' });
  });

  it('does not grow with the numbers in a range', () => {
    expect(ids('65534-99999999999')).toEqual([65_534, 65_535]);
  });
});

describe('parseCpusetRanges()', () => {
  it('finds no range in an empty value', () => {
    expect(parseCpusetRanges(',')).toEqual([]);
  });
});

describe('encodeAffinity()', () => {
  it('never writes the lone 0 that Proxmox ignores', () => {
    expect(encodeAffinity(cpuSet([0]))).toBe('0-0');
  });

  it('writes ranges in ascending order', () => {
    expect(encodeAffinity(cpuSet([9, 0, 8, 2]))).toBe('0,2,8-9');
  });

  it('takes an empty set for a bug', () => {
    expect(() => encodeAffinity(cpuSet())).toThrow('internal error: an affinity without CPUs');
  });

  it('is undone by parseAffinity() for every set', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 400 }), { minLength: 1 }), cpus => {
        const view = parseAffinity(encodeAffinity(cpuSet(cpus)));
        expect(view.kind === 'set' && view.cpus.equals(cpuSet(cpus))).toBe(true);
      }),
    );
  });
});
