// Tests of terminal colours.
import { describe, expect, it } from 'vitest';
import { makePaint } from './paint.ts';

describe('makePaint()', () => {
  it('leaves text alone without colour', () => {
    const paint = makePaint(false);
    expect([paint.bold('a'), paint.dim('a'), paint.warn('a'), paint.host('a'), paint.guest(3, 'a')]).toEqual(
      Array(5).fill('a'),
    );
  });

  it('ends every style that it begins', () => {
    const paint = makePaint(true);
    for (const text of [paint.bold('a'), paint.warn('a'), paint.guest(0, 'a')])
      expect(text).toMatch(/^\x1b\[.+ma\x1b\[0m$/);
  });

  it('tells neighbouring guests apart and never runs out of colours', () => {
    const paint = makePaint(true);
    const styles = Array.from({ length: 40 }, (_, position) => paint.guest(position, 'a'));
    for (const [index, style] of styles.slice(1).entries()) expect(style).not.toBe(styles[index]);
  });
});
