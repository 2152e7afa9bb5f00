// Sets of ids: the algebra that every placement rests on.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuSet, unionOf } from './id-set.ts';
import { cpuId } from './ids.ts';

const anySet = fc.array(fc.integer({ min: 0, max: 12 })).map(cpuSet);

describe('IdSet', () => {
  it('is ordered by number, without duplicates, whatever it is made from', () => {
    expect(cpuSet([10, 9, 2, 10]).ids).toEqual([2, 9, 10]);
    expect([...cpuSet(new Set([3, 1]))]).toEqual([1, 3]);
  });

  it.each([
    ['no', [], { size: 0, isEmpty: true, first: undefined }],
    ['some', [7, 4], { size: 2, isEmpty: false, first: 4 }],
  ] as const)('knows its size with %s members', (_, ids, facts) => {
    const set = cpuSet(ids);
    expect({ size: set.size, isEmpty: set.isEmpty, first: set.first }).toEqual(facts);
  });

  it('is equal to a set of the same ids only', () => {
    expect(cpuSet([1, 2]).equals(cpuSet([2, 1]))).toBe(true);
    expect(cpuSet([1, 2]).equals(cpuSet([1, 3]))).toBe(false);
    expect(cpuSet([1, 2]).equals(cpuSet([1]))).toBe(false);
    expect(cpuSet([1]).equals(cpuSet([1, 2]))).toBe(false);
  });

  it('is not changed by what is made from it', () => {
    const set = cpuSet([1, 2]);
    set.union(cpuSet([3]));
    set.difference(cpuSet([1]));
    expect(set.ids).toEqual([1, 2]);
  });

  it('holds an id in a union, intersection or difference as logic says', () => {
    fc.assert(
      fc.property(anySet, anySet, fc.integer({ min: 0, max: 12 }).map(cpuId), (a, b, id) => {
        expect(a.union(b).has(id)).toBe(a.has(id) || b.has(id));
        expect(a.intersection(b).has(id)).toBe(a.has(id) && b.has(id));
        expect(a.difference(b).has(id)).toBe(a.has(id) && !b.has(id));
        expect(a.isDisjointFrom(b)).toBe(a.intersection(b).isEmpty);
        expect(a.isSubsetOf(b)).toBe(a.difference(b).isEmpty);
        expect(unionOf([a, b])).toEqual(a.union(b));
      }),
    );
  });

  it('unites none to nothing', () => {
    expect(unionOf([]).isEmpty).toBe(true);
  });
});
