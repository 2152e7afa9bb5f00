// Process stat lines: names that try to mislead, and texts that are cut off.
import { describe, expect, it } from 'vitest';
import { ParseError } from '#domain/errors.ts';
import { parseProcStat } from './parse-proc-stat.ts';

/** Fields 3 to 52, each its own number, as `stat` has them after the name. */
const fields = Array.from({ length: 50 }, (_, index) => `${index + 3}`).join(' ');

describe('parseProcStat()', () => {
  it.each([
    ['a vCPU thread', `4243 (CPU 0/KVM) ${fields}\n`, 'CPU 0/KVM'],
    ['a plain name', `1 (kvm) ${fields}`, 'kvm'],
    ['a name with parentheses and spaces', `7 (a) R (b ) 1) ${fields}\n`, 'a) R (b ) 1'],
    ['an empty name', `7 () ${fields}\n`, ''],
    ['a name with a line break', `7 (a\nb) ${fields}\n`, 'a\nb'],
    ['more fields than today', `7 (kvm) ${fields} 53 54\n`, 'kvm'],
    ['several blanks between fields', `7 (kvm)  ${fields.replaceAll(' ', '  ')}\n`, 'kvm'],
  ])('reads %s', (_, text, comm) => {
    expect(parseProcStat(text)).toEqual({ comm, startTime: 22, lastCpu: 39 });
  });

  it.each([
    ['an empty text', ''],
    ['a text without a number', `(kvm) ${fields}`],
    ['a text with more before the name', `x 7 (kvm) ${fields}`],
    ['a text without a name', `4243 ${fields}`],
    ['a text cut off before the last CPU', `4243 (kvm) ${fields.split(' ').slice(0, 36).join(' ')}`],
    ['a text cut off in the name', '4243 (CPU 0/'],
    ['parentheses the wrong way round', `4243 )kvm( ${fields}`],
    ['letters for the start time', `4243 (kvm) ${fields.replace('22', 'soon')}`],
    ['letters behind the start time', `4243 (kvm) ${fields.replace('22', '22x')}`],
    ['a negative start time', `4243 (kvm) ${fields.replace('22', '-22')}`],
    ['letters for the last CPU', `4243 (kvm) ${fields.replace('39', 'x')}`],
  ])('rejects %s', (_, text) => {
    expect(() => parseProcStat(text)).toThrow(ParseError);
  });

  it('says what it cannot parse, not all of it', () => {
    expect(() => parseProcStat(` 7 (kvm) ${'x'.repeat(80)}`)).toThrow(
      `Cannot parse process stat "7 (kvm) ${'x'.repeat(72)}": fields 22 and 39 are not both there`,
    );
  });
});
