// Resident pages, added up by node in each line's own page size.
import { describe, expect, it } from 'vitest';
import { parseNumaMaps, sumNumaPages } from './parse-proc-numa-maps.ts';

describe('parseNumaMaps()', () => {
  it('adds up nodes over lines, each in its own page size', () => {
    const text = [
      '5652fc076000 default file=/usr/bin/qemu-system-x86_64 mapped=256 N0=256 kernelpagesize_kB=4',
      '7f12c0000000 bind:1 anon=512 dirty=512 N0=256 N1=1024 kernelpagesize_kB=4',
      '7f1300000000 bind:33 file=/run/hugepages/kvm/2048kB/x huge dirty=3 N33=3 kernelpagesize_kB=2048',
      '7ffd00000000 default',
      '',
    ].join('\n');
    expect([...parseNumaMaps(text)]).toEqual([
      [0, 2],
      [1, 4],
      [33, 6],
    ]);
  });

  it('is not misled by file names that look like counts', () => {
    // The kernel writes a blank in a name as \040.
    const text = '7f12c0000000 default file=/tmp/a\\040N0=999999 N2=5x xN3=1 mapped=1 N1=512 kernelpagesize_kB=4\n';
    expect([...parseNumaMaps(text)]).toEqual([[1, 2]]);
  });

  it('sums pages of each size before it rounds, and goes by node', () => {
    const text =
      '1 default N10=1 N2=1 kernelpagesize_kB=4\n2 default N2=127 kernelpagesize_kB=4 x\n3 default N2=1 kernelpagesize_kB=16\n';
    expect([...parseNumaMaps(text)]).toEqual([
      [2, 1],
      [10, 0],
    ]);
    expect(sumNumaPages(text)).toEqual(
      new Map([
        [
          4,
          new Map([
            [10, 1],
            [2, 128],
          ]),
        ],
        [16, new Map([[2, 1]])],
      ]),
    );
  });

  it('finds nothing in the empty text of a kernel thread', () => {
    expect(parseNumaMaps('').size).toBe(0);
  });

  it.each([
    ['pages without their size', '7f12c0000000 default anon=1 N0=1\n'],
    ['a line that was cut off', '7f12c0000000 default anon=1 N0=1 kernelpagesize'],
    ['a size that does not end', '7f12c0000000 default anon=1 N0=1 kernelpagesize_kB=4x'],
  ])('rejects %s', (_, text) => {
    expect(() => parseNumaMaps(text)).toThrow(
      `Cannot parse numa_maps "${text.trimEnd()}": it has pages but no kernelpagesize_kB`,
    );
  });
});
