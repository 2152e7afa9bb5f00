// Numbers as QEMU reads them: each row was shown to a real QEMU 7.2.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countFromTo, parseQemuRange, parseQemuSize } from './qemu-number.ts';

const MIB = 1024 * 1024;

describe('parseQemuSize()', () => {
  it.each([
    ['512', 512 * MIB],
    ['0512', 512 * MIB],
    ['+512', 512 * MIB],
    ['64.', 64 * MIB],
    ['64.0', 64 * MIB],
    ['4096.5', 4096.5 * MIB],
    ['0', 0],
    ['0.0', 0],
    ['31.999', 31 * MIB + 1_047_527],
    ['33.001', 33 * MIB + 1049],
    ['32.000000476837158203125', 32 * MIB + 1],
    ['32.00000046730041503906249153', 32 * MIB],
    ['2730.66666666667', 2730 * MIB + 699_051],
  ])('reads %s', (text, bytes) => {
    expect(parseQemuSize(text)).toBe(bytes);
  });

  it.each(['', '.5', '-1', '6.4e1', '1e3', 'current=64', '0x40', '1.2.3', ' 64', '64 '])('refuses %j', text => {
    expect(parseQemuSize(text)).toBeNull();
  });
});

describe('parseQemuRange()', () => {
  it.each<[string, [number, number]]>([
    ['0', [0, 0]],
    ['3', [3, 3]],
    ['0-3', [0, 3]],
    ['2-2', [2, 2]],
    ['00-03', [0, 3]],
    ['01', [1, 1]],
    ['02-3', [2, 3]],
    ['010', [8, 8]],
    ['017-16', [15, 16]],
    ['65535', [65_535, 65_535]],
    ['0-65535', [0, 65_535]],
  ])('reads %s', (text, range) => {
    expect(parseQemuRange(text)).toEqual(range);
  });

  it.each([
    '',
    '08',
    '09',
    '00-09',
    '018',
    '0810',
    '08-9',
    '3-1',
    '02-1',
    '65536',
    '0-65536',
    '99999999999999999999',
    'a',
    '1,2',
    '-1',
    '1-',
  ])('refuses %j', text => {
    expect(parseQemuRange(text)).toBeNull();
  });

  it('reads what has no leading zero as it is written', () => {
    const range = fc.tuple(fc.nat({ max: 60_000 }), fc.nat({ max: 5000 }));
    fc.assert(
      fc.property(range, ([first, more]) => {
        expect(parseQemuRange(`${first}-${first + more}`)).toEqual([first, first + more]);
      }),
    );
  });
});

describe('countFromTo()', () => {
  it('counts both ends', () => {
    expect([countFromTo(2, 4), countFromTo(7, 7)]).toEqual([[2, 3, 4], [7]]);
  });
});
