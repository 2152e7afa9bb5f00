// Errors say where, as editors understand it.
import { describe, expect, it } from 'vitest';
import { assertNever, invariant, ParseError } from './errors.ts';

describe('ParseError', () => {
  it.each([
    [{}, 'wrong'],
    [{ file: 'a.yaml' }, 'a.yaml: wrong'],
    [{ file: 'a.yaml', line: 3 }, 'a.yaml:3: wrong'],
    [{ file: 'a.yaml', line: 3, column: 7 }, 'a.yaml:3:7: wrong'],
    [{ line: 3, column: 7 }, '3:7: wrong'],
    [{ file: 'a.yaml', column: 7 }, 'a.yaml: wrong'],
  ])('at %j says %j', (position, message) => {
    const error = new ParseError('wrong', position);
    expect(error.message).toBe(message);
    expect(error.position).toEqual(position);
    expect(error.name).toBe('ParseError');
  });

  it('keeps its cause', () => {
    const cause = new Error('deeper');
    expect(new ParseError('wrong', {}, { cause }).cause).toBe(cause);
  });
});

describe('invariant()', () => {
  it.each([false, 0, '', null, undefined])('stops at %j', value => {
    expect(() => invariant(value, 'it holds')).toThrow('internal error: it holds');
  });

  it('passes what is so', () => {
    expect(() => invariant(1, 'it holds')).not.toThrow();
  });
});

describe('assertNever()', () => {
  it('names what should not be', () => {
    expect(() => assertNever({ kind: 'new' } as never)).toThrow('internal error: unexpected {"kind":"new"}');
  });
});
