// Sharing guests out over heaps, beside plain trying.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Heap, type Load, packBlocks } from './pack-blocks.ts';

const load = (cpus: number, memoryMiB: number, nodes = 1): Load => ({ cpus, memoryMiB, nodes });
const heap = (cpus: number, memoryMiB: number, nodes = 1): Heap => ({ cpus, memoryMiB, nodes });

describe('packBlocks()', () => {
  it.each<[string, Load[], Heap[], number, string]>([
    ['fits nothing into nothing', [], [], 0, 'fits'],
    ['fits guests that fill a node', [load(2, 1), load(2, 1)], [heap(4, 2)], 0, 'fits'],
    ['sees that CPUs are missing', [load(3, 1), load(2, 1)], [heap(4, 9)], 0, 'never'],
    ['sees that memory is missing', [load(1, 3), load(1, 3)], [heap(4, 5)], 0, 'never'],
    ['sees that no node has room for the largest', [load(5, 1)], [heap(4, 9), heap(4, 9)], 9, 'never'],
    ['takes a block as one heap', [load(3, 1), load(3, 1), load(2, 1)], [heap(8, 3, 2)], 1, 'fits'],
    ['puts a guest that needs two nodes on no single one', [load(2, 1, 2)], [heap(4, 4)], 9, 'never'],
    [
      'counts the ties of guests beyond those of their block',
      [load(2, 1, 2), load(2, 1, 2)],
      [heap(8, 8, 2)],
      1,
      'never',
    ],
    ['allows as many ties as there are', [load(2, 1, 2), load(2, 1, 2)], [heap(8, 8, 2)], 2, 'fits'],
    ['takes memory that is not known as endless', [load(1, 9)], [heap(1, Number.POSITIVE_INFINITY)], 0, 'fits'],
  ])('%s', (_, loads, heaps, mostTies, packed) => {
    expect(packBlocks(loads, heaps, mostTies)).toBe(packed);
  });

  it('comes to the same as trying every choice', () => {
    const small = fc.integer({ min: 1, max: 3 });
    const loads = fc.array(
      fc.tuple(small, small).map(([cpus, mib]) => load(cpus, mib)),
      { maxLength: 5 },
    );
    const heaps = fc.array(
      fc.tuple(small, small).map(([cpus, mib]) => heap(2 * cpus, 2 * mib)),
      { minLength: 1, maxLength: 3 },
    );
    const seen = { fits: 0, never: 0, unknown: 0 };
    fc.assert(
      fc.property(loads, heaps, (guests, blocks) => {
        const packed = packBlocks(guests, blocks, 0);
        seen[packed]++;
        expect(packed).toBe(tryAll(guests, blocks) ? 'fits' : 'never');
      }),
    );
    expect(Math.min(seen.fits, seen.never)).toBeGreaterThan(5);
  });
});

function tryAll([first, ...others]: readonly Load[], heaps: readonly Heap[]): boolean {
  if (first === undefined) return true;
  return heaps.some(({ cpus, memoryMiB, nodes }, at) => {
    const left = { cpus: cpus - first.cpus, memoryMiB: memoryMiB - first.memoryMiB, nodes };
    return left.cpus >= 0 && left.memoryMiB >= 0 && tryAll(others, heaps.with(at, left));
  });
}
