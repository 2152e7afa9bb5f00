// `numaN` values as the start of a VM reads them.
import { describe, expect, it } from 'vitest';
import { encodeRange, numaKeys, parseNumaEntry } from './numa-entry.ts';
import { StartRefusal } from './start-problem.ts';

describe('parseNumaEntry()', () => {
  it('keeps numbers as they are written', () => {
    const text = 'cpus=00-3;5,memory=0512.0,hostnodes=0;1-2,policy=bind';
    expect(parseNumaEntry('numa3', text)).toEqual({
      index: 3,
      key: 'numa3',
      vcpus: [
        { first: '00', last: '3' },
        { first: '5', last: null },
      ],
      memory: '0512.0',
      hostNodes: [
        { first: '0', last: null },
        { first: '1', last: '2' },
      ],
      policy: 'bind',
    });
  });

  it.each([
    ['cpus=0', null],
    ['cpus=0,memory=0', null],
    ['cpus=0,memory=0.0', '0.0'],
    ['cpus=0,memory=00', '00'],
    ['cpus=1-1,memory=64', '64'],
  ])('of %s takes the memory %s', (text, memory) => {
    expect(parseNumaEntry('numa0', text).memory).toBe(memory);
  });

  it.each([
    ['cpus=3-1', 'invalid range: 3-1 (1 < 3)'],
    ['cpus=0;10-9', 'invalid range: 10-9 (9 < 10)'],
    ['cpus=0,hostnodes=1-0', 'invalid range: 1-0 (0 < 1)'],
  ])('refuses %s', (text, words) => {
    expect(() => parseNumaEntry('numa0', text)).toThrow(words);
    expect(() => parseNumaEntry('numa0', text)).toThrow(StartRefusal);
  });
});

describe('numaKeys()', () => {
  it('finds them in their order, and no others', () => {
    const keys = ['numa5', 'numa', 'numa0', 'numa8', 'cores'];
    expect(numaKeys(new Map(keys.map(key => [key, ''])))).toEqual(['numa0', 'numa5']);
  });
});

describe('encodeRange()', () => {
  it.each([
    [{ first: '04', last: null }, '04'],
    [{ first: '4', last: '07' }, '4-07'],
  ])('%j is %s', (range, text) => {
    expect(encodeRange(range)).toBe(text);
  });
});
