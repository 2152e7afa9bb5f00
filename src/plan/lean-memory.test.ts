// How memory that need not lie in proportion is dealt out among guests.
import { describe, expect, it } from 'vitest';
import { numaNodeId } from '#domain/ids.ts';
import { type LeanClaim, spreadMemory } from './lean-memory.ts';

type Bounds = readonly [node: number, least: number, most: number, wished?: number];

const claim = (totalMiB: number, ...parts: readonly Bounds[]): LeanClaim => ({
  totalMiB,
  parts: parts.map(([node, leastMiB, mostMiB, wishedMiB = leastMiB]) => ({
    ...{ node: numaNodeId(node), isLean: mostMiB < totalMiB, leastMiB, mostMiB, wishedMiB },
  })),
});
const spread = (claims: readonly LeanClaim[], ...free: readonly number[]) =>
  spreadMemory(claims, new Map(free.map((mib, node) => [numaNodeId(node), mib])))?.map(parts =>
    Object.fromEntries(parts),
  );

describe('spreadMemory()', () => {
  it.each<[string, readonly LeanClaim[], readonly number[], unknown]>([
    [
      'gives what is wished where it fits',
      [claim(100, [0, 16, 49, 40], [1, 50, 100, 60])],
      [100, 100],
      [{ 0: 40, 1: 60 }],
    ],
    ['gives less where there is less', [claim(100, [0, 16, 49, 49], [1, 50, 100, 51])], [20, 100], [{ 0: 20, 1: 80 }]],
    [
      'moves one guest on to make room for another',
      [claim(100, [0, 16, 49, 49], [1, 50, 100, 51]), claim(100, [1, 16, 49, 49], [2, 50, 100, 51])],
      [16, 110, 100],
      [
        { 0: 16, 1: 84 },
        { 1: 26, 2: 74 },
      ],
    ],
    [
      'gives any amount where the memory is not known',
      [claim(100, [0, 16, 49], [7, 50, 100])],
      [16],
      [{ 0: 16, 7: 84 }],
    ],
    ['has none when a node lacks the least', [claim(100, [0, 16, 49], [1, 50, 100])], [15, 100], undefined],
    ['has none when all together is too little', [claim(100, [0, 16, 49], [1, 50, 100])], [30, 69], undefined],
    ['keeps to the most, whatever is free', [claim(100, [0, 16, 49], [1, 50, 100])], [100, 50], undefined],
    ['gives nothing to nobody', [], [10], []],
  ])('%s', (_, claims, free, parts) => {
    expect(spread(claims, ...free)).toEqual(parts);
  });
});
