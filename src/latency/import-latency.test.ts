// Tests of telling latency files apart.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseLatencyFile } from './import-latency.ts';

const EMPTY_HDR = 'HISTFAAAABl42pNpmSzMwMDAyIAKYHwm+w9QFgA8ewJ6';

describe('parseLatencyFile()', () => {
  it.each(['cyclictest-h.txt', 'cyclictest-H.txt', 'cyclictest.json', 'cyclictest-ns.json'])('knows %s', name => {
    const text = readFileSync(`fixtures/latency/${name}`, 'latin1');
    expect(parseLatencyFile(text, { file: name }).source).toBe('cyclictest');
  });

  it('knows an HDR log without its head', () => {
    expect(() => parseLatencyFile(`0.0,1.0,0.0,${EMPTY_HDR}\n`, { file: 'x' })).toThrow('The log has no values');
  });

  it.each(['', 'hello', '<html>', 'T: 0 (17068) P: 0 I:1000 C: 200 Min: 69 Act: 76 Avg: 14 Max: 394'])(
    'says what it needs when it is given %j',
    text => {
      expect(() => parseLatencyFile(text, { file: 'x' })).toThrow(/^x: Neither a histogram of cyclictest/);
    },
  );
});
