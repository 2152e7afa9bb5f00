// One row of an lscpu table: cells without a value, caches in one cell, and words for yes and no.
import { describe, expect, it } from 'vitest';
import { makeRow } from './lscpu-row.ts';

type Cells = ReadonlyArray<readonly [string, string | null]>;

const online = (cells: Cells): boolean | null => makeRow(1, [['CPU', '0'], ...cells]).online;

describe('makeRow()', () => {
  it('takes columns in any case, and none without a value', () => {
    const cells: Cells = [
      ...([
        ['CPU', '7'],
        ['Core', '3'],
        ['NODE', '-'],
        ['socket', ''],
        ['L2', null],
      ] as const),
    ];
    expect(makeRow(5, cells)).toEqual({
      line: 5,
      cpu: 7,
      online: true,
      values: new Map([
        ['cpu', '7'],
        ['core', '3'],
      ]),
      cachesKnown: true,
    });
  });

  it('takes caches in one cell apart, unless there are fewer than names', () => {
    const whole = makeRow(1, [
      ['CPU', '0'],
      ['L1d:L2', '4:5'],
    ]);
    expect([whole.cachesKnown, whole.values.get('l1d'), whole.values.get('l2')]).toEqual([true, '4', '5']);
    const short = makeRow(1, [
      ['CPU', '0'],
      ['L1d:L2', '4'],
    ]);
    expect([short.cachesKnown, short.values.size]).toEqual([false, 1]);
    expect(makeRow(1, [['CPU', '0']], { known: false }).cachesKnown).toBe(false);
  });

  it.each([
    ['Y', true],
    ['yes', true],
    ['ja', true],
    ['oui', true],
    ['да', true],
    ['sì', true],
    ['是', true],
    ['N', false],
    ['no', false],
    ['nein', false],
    ['non', false],
    ['нет', false],
    ['否', false],
  ])('takes %s for %s', (word, answer) => {
    expect(online([['ONLINE', word]])).toBe(answer);
    expect(
      online([
        ['ONLINE', word],
        ['CORE', '0'],
      ]),
    ).toBe(answer);
  });

  it.each<[Cells, boolean | null]>([
    [
      [
        ['ONLINE', 'E'],
        ['CORE', '0'],
      ],
      true,
    ],
    [
      [
        ['ONLINE', 'E'],
        ['SOCKET', '0'],
      ],
      true,
    ],
    [
      [
        ['ONLINE', 'E'],
        ['CORE', '-'],
      ],
      null,
    ],
    [[['NODE', '0']], null],
  ])('asks for a core where %j has no word that it knows: %s', (cells, answer) => {
    expect(online(cells)).toBe(answer);
  });

  it.each<[Cells, string]>([
    [[['CORE', '0']], '9: The row has no CPU number'],
    [[['CPU', '-']], '9: The row has no CPU number'],
    [[['CPU', 'x']], '9: Expected a CPU number, found "x"'],
    [
      [
        ['CPU', '0'],
        ['CORE', 'x'],
      ],
      '9: Expected the number of a core, found "x"',
    ],
    [
      [
        ['CPU', '0'],
        ['SOCKET', '1x'],
      ],
      '9: Expected the number of a socket, found "1x"',
    ],
    [
      [
        ['CPU', '0'],
        ['NODE', 'x1'],
      ],
      '9: Expected the number of a node, found "x1"',
    ],
    [
      [
        ['CPU', '0'],
        ['ONLINE', '1'],
      ],
      '9: "1" is neither yes nor no',
    ],
    [
      [
        ['CPU', '0'],
        ['ONLINE', 'a1'],
      ],
      '9: "a1" is neither yes nor no',
    ],
    [
      [
        ['CPU', '0'],
        ['ONLINE', '1a'],
      ],
      '9: "1a" is neither yes nor no',
    ],
  ])('refuses %j', (cells, message) => {
    expect(() => makeRow(9, cells)).toThrow(message);
  });
});
