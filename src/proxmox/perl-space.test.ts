// White space as in Perl.
import { describe, expect, it } from 'vitest';
import { trimSpace, trimSpaceEnd, trimValue } from './perl-space.ts';

describe('trimSpace()', () => {
  it.each([
    [' \t\n\r\f\va b \r', 'a b'],
    ['\xa0a\xa0', '\xa0a\xa0'],
    ['   ', ''],
    ['', ''],
    ['x', 'x'],
  ])('makes %j %j', (text, trimmed) => {
    expect(trimSpace(text)).toBe(trimmed);
  });

  it('stays quick on long runs of space inside', () => {
    const text = `a${' '.repeat(500_000)}b`;
    const start = performance.now();
    expect(trimSpace(text)).toBe(text);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('trimSpaceEnd()', () => {
  it('keeps space in front', () => {
    expect(trimSpaceEnd(' a \n')).toBe(' a');
    expect(trimSpaceEnd(' \t')).toBe('');
  });
});

describe('trimValue()', () => {
  it.each([
    [' a ', 'a'],
    [' \t', '\t'],
    ['', ''],
  ])('makes %j %j', (text, value) => {
    expect(trimValue(text)).toBe(value);
  });
});
