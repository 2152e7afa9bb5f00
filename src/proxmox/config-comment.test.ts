// Descriptions in `#` lines.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeComment, encodeComment } from './config-comment.ts';

describe('encodeComment()', () => {
  it.each([
    ['plain text, (kept)', 'plain text, (kept)'],
    ['100%', '100%25'],
    ['a: b', 'a%3A b'],
    ['\r\n\x7f', '%0D%0A%7F'],
    ['B\xc3\xbcro', 'B%C3%BCro'],
  ])('writes %j as %j', (bytes, text) => {
    expect(encodeComment(bytes)).toBe(text);
  });

  it('is undone by decodeComment() for all bytes', () => {
    const bytes = fc.array(fc.nat({ max: 255 })).map(codes => String.fromCharCode(...codes));
    fc.assert(
      fc.property(bytes, text => {
        expect(decodeComment(encodeComment(text))).toBe(text);
      }),
    );
  });
});

describe('decodeComment()', () => {
  it('leaves a percent sign without two hex digits', () => {
    expect(decodeComment('5% %zz %2 %41 %4f%4F %4g')).toBe('5% %zz %2 A OO %4g');
  });
});
