// Who shares a core with whom.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '#fixtures/property-runs.ts';
import { shareCores } from './share-cores.ts';

/** Guests are named by where they come. */
const share = (odd: readonly number[], cores: number, threads: number) =>
  shareCores(
    odd.map((each, guest) => ({ guest, threads: each })),
    { cores, threads },
  ).map(core => core.map(({ guest, threads: each }) => [guest, each]));

describe('shareCores()', () => {
  it.each<[what: string, odd: readonly number[], cores: number, threads: number, shared: number[][][]]>([
    [
      'two by two where cores have two threads',
      [1, 1, 1, 1, 1],
      2,
      2,
      [
        [
          [0, 1],
          [1, 1],
        ],
        [
          [2, 1],
          [3, 1],
        ],
      ],
    ],
    [
      'four on one core',
      [1, 1, 1, 1],
      1,
      4,
      [
        [
          [0, 1],
          [1, 1],
          [2, 1],
          [3, 1],
        ],
      ],
    ],
    [
      'those with the fewest threads',
      [3, 1, 2, 1],
      1,
      4,
      [
        [
          [2, 2],
          [1, 1],
          [3, 1],
        ],
      ],
    ],
    [
      'those with the most of them first, so that others fit beside them',
      [1, 3, 2, 2],
      2,
      4,
      [
        [
          [1, 3],
          [0, 1],
        ],
        [
          [2, 2],
          [3, 2],
        ],
      ],
    ],
    [
      'one over several cores where no core has room for it',
      [3, 3, 3, 3],
      3,
      4,
      [
        [
          [0, 3],
          [3, 1],
        ],
        [
          [1, 3],
          [3, 1],
        ],
        [
          [2, 3],
          [3, 1],
        ],
      ],
    ],
    ['nobody on no core', [1, 1], 0, 4, []],
  ])('puts together %s', (_, odd, cores, threads, shared) => {
    expect(share(odd, cores, threads)).toEqual(shared);
  });

  it('gives everybody all of its threads or none, and no core more than it has', () => {
    const anyOdd = fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 12 });
    fc.assert(
      fc.property(anyOdd, fc.nat(5), (odd, cores) => {
        const given = odd.map(() => 0);
        for (const core of share(odd, cores, 8)) {
          for (const [guest = 0, threads = 0] of core) given[guest] = (given[guest] ?? 0) + threads;
          expect(core.reduce((sum, [, threads = 0]) => sum + threads, 0)).toBeLessThanOrEqual(8);
        }
        for (const [guest, threads] of given.entries()) expect([0, odd[guest]]).toContain(threads);
      }),
      runs(100),
    );
  });
});
