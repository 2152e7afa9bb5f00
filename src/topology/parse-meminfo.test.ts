// Lines of meminfo files, of the machine and of nodes.
import { describe, expect, it } from 'vitest';
import { ParseError } from '#domain/errors.ts';
import { meminfoMiB, parseMeminfo } from './parse-meminfo.ts';

describe('parseMeminfo()', () => {
  it('reads sizes in KiB and counts, with and without a node', () => {
    const text = 'Node 10 MemTotal:  2048 kB\n \nMemFree:1023 kB\nActive(file): 1 kB\nHugePages_Total:     4\n';
    expect([...parseMeminfo(text, '/f')]).toEqual([
      ['MemTotal', 2048],
      ['MemFree', 1023],
      ['Active(file)', 1],
      ['HugePages_Total', 4],
    ]);
  });

  it.each(['x Node 0 MemFree: 5 kB', 'MemFree: 5 kB x', 'MemFree: 5 MB', 'MemFree: -5 kB', 'MemFree 5 kB', 'MemFree:'])(
    'refuses the line %j',
    line => {
      expect(() => parseMeminfo(`MemTotal: 1 kB\n${line}\n`, '/f')).toThrow(
        new ParseError(`Cannot parse memory line "${line}"`, { file: '/f', line: 2 }),
      );
    },
  );

  it('refuses a file without MemTotal', () => {
    expect(() => parseMeminfo('MemFree: 5 kB\n', '/f')).toThrow(
      new ParseError('There is no MemTotal line', { file: '/f' }),
    );
  });
});

describe('meminfoMiB()', () => {
  it('drops what is less than a MiB, and takes 0 for what is not there', () => {
    const meminfo = new Map([['MemFree', 2047]]);
    expect([meminfoMiB(meminfo, 'MemFree'), meminfoMiB(meminfo, 'MemTotal')]).toEqual([1, 0]);
  });
});
