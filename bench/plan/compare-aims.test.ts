// Tests of which layout is better, and where it first shows.
import { describe, expect, it } from 'vitest';
import type { AimValue } from '#domain/plan.ts';
import { compareAims, firstDifference } from './compare-aims.ts';

const aims = (nodes: number, llcs: number, moves = 0): readonly AimValue[] => [
  { aim: 'nodes', value: nodes },
  { aim: 'llcs', value: llcs },
  { aim: 'moves', value: moves },
];

describe('firstDifference()', () => {
  it.each([
    ['nothing in equal ones', aims(3, 4), aims(3, 4), null],
    ['the first aim, whatever comes later', aims(4, 1), aims(3, 9), { aim: 'nodes', by: 1 }],
    ['a later aim when the first are equal', aims(3, 4), aims(3, 6), { aim: 'llcs', by: -2 }],
    ['the last aim', aims(3, 4, 5), aims(3, 4), { aim: 'moves', by: 5 }],
  ])('finds %s', (_, a, b, difference) => {
    expect(firstDifference(a, b)).toEqual(difference);
    expect(Math.sign(compareAims(b, a)) + Math.sign(compareAims(a, b))).toBe(0);
  });
});
