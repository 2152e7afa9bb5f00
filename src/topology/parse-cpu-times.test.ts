// `/proc/stat` of different kernels, and texts that are cut off.
import { describe, expect, it } from 'vitest';
import { parseCpuTimes } from './parse-cpu-times.ts';

describe('parseCpuTimes()', () => {
  it('reads each CPU that has a line, guest time not counted twice', () => {
    const text =
      'cpu  9 9 9 9 9 9 9 9 9 9\ncpu0 1 2 3 4 5 6 7 8 1 0\ncpu11 11 21 31 42 43 52 53 61 71 81\ncpu12 10 0 0 0 0 0 0\nmy cpu3 1\nintr 5 1 2\nctxt 7\n';
    expect([...parseCpuTimes(text)]).toEqual([
      [0, { tasksMs: 60, interruptsMs: 130, idleMs: 90 }],
      [11, { tasksMs: 630, interruptsMs: 1050, idleMs: 850 }],
      [12, { tasksMs: 100, interruptsMs: 0, idleMs: 0 }],
    ]);
  });

  it.each([
    ['an empty text', '', 'no line of a CPU'],
    ['the sum alone', 'cpu  1 2 3 4 5 6 7\n', 'no line of a CPU'],
    ['a line that is cut off', 'cpu0 1 2 3 4 5 6\n', 'seven numbers'],
    ['a line with letters', 'cpu0 1 2 3 x 5 6 7\n', 'seven numbers'],
    ['a negative number', 'cpu0 1 2 3 -4 5 6 7\n', 'seven numbers'],
    [
      'letters at the end',
      'cpu0 1 2 3 4 5 6 7 x\n',
      'Cannot parse CPU times "cpu0 1 2 3 4 5 6 7 x": expected seven numbers',
    ],
  ])('rejects %s', (_, text, words) => {
    expect(() => parseCpuTimes(text)).toThrow(words);
  });
});
