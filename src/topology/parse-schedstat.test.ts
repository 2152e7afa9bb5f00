// Schedstat lines as kernels print them, and texts that are none.
import { describe, expect, it } from 'vitest';
import { parseSchedstat } from './parse-schedstat.ts';

describe('parseSchedstat()', () => {
  it.each([
    ['a busy thread', '1520394820 20312044 913\n', { runNs: 1_520_394_820, waitNs: 20_312_044, slices: 913 }],
    ['a thread that never waited', '683030 0 0', { runNs: 683_030, waitNs: 0, slices: 0 }],
    ['a thread that has not run', '0 5 0', { runNs: 0, waitNs: 5, slices: 0 }],
    ['a slice without time', '0 0 1', { runNs: 0, waitNs: 0, slices: 1 }],
    ['three months of work', '9000000000000000 1 2\n', { runNs: 9e15, waitNs: 1, slices: 2 }],
  ])('reads %s', (_, text, value) => {
    expect(parseSchedstat(text)).toEqual(value);
  });

  it('takes three zeros for a kernel that does not count', () => {
    expect(parseSchedstat('0 0 0\n')).toBeNull();
  });

  it.each([
    ['an empty text', ''],
    ['two numbers', '1 2\n'],
    ['four numbers', '1 2 3 4\n'],
    ['a negative number', '1 -2 3\n'],
    ['a fraction', '1.5 2 3\n'],
    ['words', 'run wait slices\n'],
    ['a second line', '1 2 3\n4 5 6\n'],
    ['something in front', 'x1 2 3\n'],
  ])('rejects %s', (_, text) => {
    expect(() => parseSchedstat(text)).toThrow(`Cannot parse schedstat "${text.trim()}": expected three numbers`);
  });

  it('shows no more than the beginning of what it cannot parse', () => {
    expect(() => parseSchedstat('x'.repeat(81))).toThrow(`"${'x'.repeat(80)}"`);
  });
});
