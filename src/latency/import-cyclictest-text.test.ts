// Tests of cyclictest's histogram text: what cyclictest 2.40 printed here, its variants, and text that must not pass.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseCyclictestText } from './import-cyclictest-text.ts';
import { countBins } from './imported-run.ts';

const real = (name: string): string => readFileSync(`fixtures/latency/${name}`, 'latin1');
const parse = (text: string) => parseCyclictestText(text, { file: 'h.txt' });

/** Two threads, two values beyond the histogram. */
const SMALL = `# /dev/cpu_dma_latency set to 0us
# Histogram
000000 000000	000000
000001 000003	000000
000002 000001	000004
# Total: 000000004 000000004
# Min Latencies: 00001 00002
# Avg Latencies: 00001 00002
# Max Latencies: 00009 00007
# Histogram Overflows: 00001 00001
# Histogram Overflow at cycle number:
# Thread 0: 00002
# Thread 1: 00001

`;

describe('parseCyclictestText()', () => {
  it('reads both threads, and how much lies beyond the histogram', () => {
    expect(parse(SMALL)).toEqual({
      source: 'cyclictest',
      command: null,
      series: [
        {
          name: 'thread 0',
          cpu: null,
          blocks: [
            {
              startS: null,
              seconds: null,
              bins: [
                { us: 1, count: 3 },
                { us: 2, count: 1 },
              ],
              beyond: 1,
              maxUs: 9,
            },
          ],
        },
        {
          name: 'thread 1',
          cpu: null,
          blocks: [{ startS: null, seconds: null, bins: [{ us: 2, count: 4 }], beyond: 1, maxUs: 7 }],
        },
      ],
    });
  });

  it.each(['cyclictest-h.txt', 'cyclictest-H.txt'])('reads all 500 cycles of both threads of %s', name => {
    const { series } = parse(real(name));
    expect(series.map(({ blocks }) => countBins(blocks[0]?.bins ?? []) + (blocks[0]?.beyond ?? 0))).toEqual([500, 500]);
  });

  it.each([
    ['no totals, as old versions print it', SMALL.replace(/# Total.*\n/, '')],
    ['a screen before it', `policy: fifo: loadavg: 0.1\n\u001b[2AT: 0 (9) P: 0 Max: 3\n${SMALL}`],
    ['line ends of Windows', SMALL.replaceAll('\n', '\r\n')],
    ['lines of zeros left out', SMALL.replace('000000 000000\t000000\n', '')],
    ['no last line break', SMALL.trimEnd()],
  ])('takes it with %s', (_, text) => {
    expect(parse(text)).toEqual(parse(SMALL));
  });

  it('takes one thread of -H, which has no column more', () => {
    const text = '# Histogram\n1 5\n# Min Latencies: 1\n# Max Latencies: 1\n# Histogram Overflows: 0\n';
    expect(parse(text).series).toHaveLength(1);
  });

  it('counts in nanoseconds when told so', () => {
    const { series } = parseCyclictestText(SMALL, { file: 'h.txt', unit: 'ns' });
    expect(series[0]?.blocks[0]?.bins[0]).toEqual({ us: 0.001, count: 3 });
    expect(series[0]?.blocks[0]?.maxUs).toBeCloseTo(0.009, 12);
  });

  it.each([
    ['no histogram', '# Min Latencies: 1\n', /^h\.txt: No "# Histogram"/],
    ['nothing', '', /^h\.txt: No "# Histogram"/],
    ['a histogram without lines', '# Histogram\n', /^h\.txt: The histogram has no lines/],
    ['its end cut off', SMALL.slice(0, SMALL.indexOf('# Max')), /"# Max Latencies:" is missing: the output is cut off/],
    ['its end cut off within a line', SMALL.slice(0, SMALL.indexOf('\t000004')), /^h\.txt:5: 1 counts where/],
    ['a line missing', SMALL.replace('000001 000003\t000000\n', ''), /^h\.txt:5: The lines of column 0 add up to 1/],
    ['a line twice', SMALL.replace('000001 ', '000002 '), /^h\.txt:5: Latency 2 after 2/],
    ['a word for a count', SMALL.replace('000003', 'three'), /^h\.txt:4: Expected a latency and its counts, found/],
    ['a negative count', SMALL.replace('000003', '-00003'), /^h\.txt:4: Expected a latency/],
    ['a count beyond all numbers', SMALL.replace('000003', '9'.repeat(30)), /^h\.txt:4: Expected a count/],
    ['a count for a thread too few', SMALL.replace(' 00007', ''), /^h\.txt:9: 1 values for 2 columns/],
    ['a thread too many', SMALL.replace('00001 00002\n# Avg', '1 2 3\n# Avg'), /^h\.txt:7: 3 threads for 2 columns/],
    ['a word in its summary', SMALL.replace('00009', 'nine'), /^h\.txt:9: Expected a count, found "nine"/],
    ['two runs', SMALL + SMALL, /^h\.txt:16: A second histogram begins here/],
    [
      'all values beyond it',
      SMALL.replace('000004\n', '000000\n').replace(/# Total.*\n/, ''),
      /All 1 values of thread 1/,
    ],
    [
      'a wrong sum over threads',
      real('cyclictest-H.txt').replace(/(\t0000)\d\d\n# Total/, '$199\n# Total'),
      /sum up to/,
    ],
    [
      'a thread that never ran',
      '# Histogram\n1 0\n# Min Latencies: 1\n# Max Latencies: 0\n# Histogram Overflows: 0',
      /no values/,
    ],
  ])('rejects %s', (_, text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});
