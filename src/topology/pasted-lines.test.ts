// Lines and their numbers, and errors that get the line.
import { describe, expect, it } from 'vitest';
import { ParseError } from '#domain/errors.ts';
import { atLine, parseId, splitLines } from './pasted-lines.ts';

describe('splitLines()', () => {
  it('counts from 1, and leaves out blank lines and what stands at the ends', () => {
    expect(splitLines('\na \r\n  \n\tb\n')).toEqual([
      { number: 2, text: 'a' },
      { number: 4, text: '\tb' },
    ]);
  });
});

describe('atLine()', () => {
  const failWith = (error: Error) => () => {
    throw error;
  };

  it('gives the line to an error that has none, and keeps its cause', () => {
    const error = new ParseError('no');
    expect(() => atLine(7, failWith(error))).toThrow(
      expect.objectContaining({ message: '7: no', position: { line: 7 }, cause: error }),
    );
  });

  it.each([new ParseError('no', { line: 3 }), new TypeError('bug')])('passes %s on as it is', error => {
    expect(() => atLine(7, failWith(error))).toThrow(error);
  });

  it('gives the value where nothing fails', () => {
    expect(atLine(7, () => 'value')).toBe('value');
  });
});

describe('parseId()', () => {
  it.each(['0', '007', '65535'])('takes %s', text => {
    expect(parseId(text, 1, 'an id')).toBe(Number(text));
  });

  it.each(['', '-1', '1x', 'x1', '1 2', '0x1', '65536'])('refuses %j', text => {
    expect(() => parseId(text, 4, 'an id')).toThrow(`4: Expected an id, found "${text}"`);
  });
});
