// Tests of HDR logs: against the library's own writer and reader, and on damaged logs.
import * as fc from 'fast-check';
import { build, encodeIntoCompressedBase64, JsHistogram } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { invariant } from '#domain/errors.ts';
import { decodeHdr } from './decode-hdr.ts';
import { parseHdrLog } from './import-hdr-log.ts';

const encode = (values: readonly number[]): string => {
  const histogram = build();
  for (const value of values) histogram.recordValue(value);
  return encodeIntoCompressedBase64(histogram);
};

/** 1 ms twice and 2.5 s once, in nanoseconds. */
const HISTOGRAM = encode([1_000_000, 1_000_000, 2_500_000_000]);
const LOG = `#[Histogram log format version 1.3]
#[StartTime: 1700000000.500 (seconds since epoch), Tue Nov 14 22:13:20 UTC 2023]
"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"
10.000,1.000,2500.000,${HISTOGRAM}
Tag=<b>,10.500,1.000,2500.000,${HISTOGRAM}
11.000,1.500,0.000,${encode([])}
`;
const parse = (text: string) => parseHdrLog(text, { file: 'x.hlog' });

describe('parseHdrLog()', () => {
  it('makes tags to series and intervals to blocks', () => {
    const { series } = parse(LOG);
    expect(series.map(({ name, blocks }) => [name, blocks.length])).toEqual([
      ['untagged', 2],
      ['<b>', 1],
    ]);
    const [first, second] = series[0]?.blocks ?? [];
    expect(first).toMatchObject({ startS: 0, seconds: 1, beyond: 0, bins: [{ count: 2 }, { count: 1 }] });
    expect(first?.bins[0]?.us).toBeCloseTo(1000, -1);
    expect(first?.maxUs).toBeCloseTo(2_500_000, -4);
    expect(second).toEqual({ startS: 1, seconds: 1.5, bins: [], beyond: 0, maxUs: 0 });
    expect(series[1]?.blocks[0]?.startS).toBe(0.5);
  });

  it('takes another unit when told so', () => {
    const { series } = parseHdrLog(LOG, { file: 'x.hlog', unit: 'us' });
    expect(series[0]?.blocks[0]?.maxUs).toBeCloseTo(2_500_000_000, -7);
  });

  it.each([
    ['no intervals', '#[Histogram log format version 1.3]\n', /^x\.hlog: The log has no values/],
    ['only empty intervals', `1.0,1.0,0.0,${encode([])}`, /^x\.hlog: The log has no values/],
    ['a line cut off', LOG.slice(0, -30), /^x\.hlog:6: (Not base64|The histogram is cut off|Not a compressed)/],
    ['a field too few', `1.0,1.0,${HISTOGRAM}`, /^x\.hlog:1: Expected start, length, maximum and histogram/],
    ['a start in words', `soon,1.0,1.0,${HISTOGRAM}`, /^x\.hlog:1: Expected seconds, found "soon"/],
    ['a negative length', `1.0,-1.0,1.0,${HISTOGRAM}`, /^x\.hlog:1: Expected seconds, found "-1\.0"/],
    ['no histogram', '1.0,1.0,1.0,', /^x\.hlog:1: Not base64/],
    ['something else', '1.0,1.0,1.0,AAAAAAAAAAAAAAAAAAAA', /^x\.hlog:1: Not a compressed HDR histogram/],
  ])('rejects %s', (_, text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});

describe('decodeHdr()', () => {
  it('finds what the library finds, for every number of digits', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2 ** 26 }), { minLength: 1, maxLength: 20 }),
        fc.constantFrom(1, 2, 3, 4, 5),
        (values, digits) => {
          const histogram = build({ numberOfSignificantValueDigits: digits as 1 | 2 | 3 | 4 | 5 });
          for (const value of values) histogram.recordValue(value);
          invariant(histogram instanceof JsHistogram, 'the plain kind');
          const bins = decodeHdr(encodeIntoCompressedBase64(histogram));
          expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
          for (const { value, count } of bins)
            expect(histogram.getCountAtIndex(histogram.countsArrayIndex(value))).toBe(count);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('survives any damage', () => {
    fc.assert(
      fc.property(fc.nat(HISTOGRAM.length - 1), fc.constantFrom('A', '/', 'z', '=', '!'), (at, letter) => {
        const damaged = HISTOGRAM.slice(0, at) + letter + HISTOGRAM.slice(at + 1);
        try {
          decodeHdr(damaged);
        } catch (error) {
          expect(error).toHaveProperty('name', 'ParseError');
        }
      }),
    );
  });

  it('rejects a text longer than any histogram', () => {
    expect(() => decodeHdr('A'.repeat(200_000))).toThrow('A histogram of 200000 letters is too long');
  });
});
