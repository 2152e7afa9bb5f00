// Tests of numbers as people read them.
import { describe, expect, it } from 'vitest';
import {
  groupDigits,
  renderDuration,
  renderLatency,
  renderPercent,
  renderPValue,
  renderRatio,
} from './bench-numbers.ts';

describe('renderLatency()', () => {
  it.each([
    [0, '0 µs'],
    [0.0004, '0.4 ns'],
    [0.87, '870 ns'],
    [1, '1 µs'],
    [Math.PI, '3.14 µs'],
    [61.25, '61.3 µs'],
    [100, '100 µs'],
    [999.4, '999 µs'],
    [999.6, '1 ms'],
    [4130, '4.13 ms'],
    [999_499, '999 ms'],
    [999_600, '1 s'],
    [1_200_000, '1.2 s'],
    [2_500_000_000, '2,500 s'],
  ])('writes %f µs as %s', (us, text) => {
    expect(renderLatency(us)).toBe(text);
  });
});

describe('renderRatio()', () => {
  it.each([
    [0, '0.00'],
    [0.00123, '0.0012'],
    [0.0127, '0.013'],
    [0.1, '0.10'],
    [0.999, '1.00'],
    [1.094, '1.09'],
    [17.04, '17'],
    [1234, '1,234'],
  ])('writes %f as %s', (ratio, text) => {
    expect(renderRatio(ratio)).toBe(text);
  });
});

it.each([
  [renderPercent(0.9999), '99.99 %'],
  [renderPercent(1), '100 %'],
  [renderPercent(0.00001), '0.001 %'],
  [renderPValue(0.0004), 'p < 0.001'],
  [renderPValue(0.25), 'p = 0.250'],
  [groupDigits(0), '0'],
  [groupDigits(1_234_567), '1,234,567'],
  [renderDuration(8), '8 s'],
  [renderDuration(720), '12 min'],
  [renderDuration(7500), '2 h 5 min'],
])('writes %s', (text, expected) => {
  expect(text).toBe(expected);
});
