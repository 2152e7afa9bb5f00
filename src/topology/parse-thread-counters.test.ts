// Switches, migrations and states of threads, on kernels that show them differently.
import { describe, expect, it } from 'vitest';
import { parseIsReady, parseMigrations, parseSwitches } from './parse-thread-counters.ts';

const status = 'Name:\tCPU 0/KVM\nvoluntary_ctxt_switches:\t150\nnonvoluntary_ctxt_switches:\t545\n';

describe('parseSwitches()', () => {
  it('reads both counts, each by its own name', () => {
    expect(parseSwitches(status)).toEqual({ voluntary: 150, involuntary: 545 });
  });

  it.each([
    ['an empty text', ''],
    ['no voluntary ones', 'nonvoluntary_ctxt_switches:\t545\n'],
    ['no involuntary ones', 'voluntary_ctxt_switches:\t150\n'],
    ['a name that ends like it', 'x_voluntary_ctxt_switches:\t1\nnonvoluntary_ctxt_switches:\t545\n'],
    ['no number', status.replace('150', 'many')],
    ['no number of involuntary ones', status.replace('545', '5x')],
    ['a number that does not end', status.replace('150', '15x')],
    ['another name that ends like it', status.replace('nonvol', 'xnonvol')],
  ])('rejects %s', (_, text) => {
    expect(() => parseSwitches(text)).toThrow('context switches');
  });
});

describe('parseMigrations()', () => {
  it.each([
    [
      'the count',
      'head (1, #threads: 1)\nse.nr_migrations                             :                  205\nnr_switches : 7\n',
      205,
    ],
    [
      'none where the kernel leaves it out',
      'nr_switches                                  :                  545\n',
      null,
    ],
    ['none of a longer name', 'se.nr_migrations_cold                        :                    3\n', null],
    ['none of a name that ends like it', 'x.se.nr_migrations : 3\n', null],
    ['none without a dot', 'se_nr_migrations : 3\n', null],
    ['none of a number that does not end', 'se.nr_migrations : 3x\n', null],
    ['a count without blanks', 'se.nr_migrations:3\n', 3],
    ['none in an empty file', '', null],
  ])('reads %s', (_, text, count) => {
    expect(parseMigrations(text)).toBe(count);
  });
});

describe('parseIsReady()', () => {
  it.each([
    ['4243 (CPU 0/KVM) R 1 2\n', true],
    ['4243 (CPU 0/KVM) S 1 2\n', false],
    ['4243 (x) R y) S 1 2\n', false],
    ['4243 (x) S y) R 1 2\n', true],
    ['4243 (x) RT 1\n', false],
    ['', false],
  ])('%j is %s', (text, isReady) => {
    expect(parseIsReady(text)).toBe(isReady);
  });
});
