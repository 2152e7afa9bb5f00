// Tests of cyclictest's JSON: what cyclictest 2.40 wrote here, older versions, and files that must not pass.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseCyclictestJson } from './import-cyclictest-json.ts';
import { parseCyclictestText } from './import-cyclictest-text.ts';

const real = (name: string): string => readFileSync(`fixtures/latency/${name}`, 'latin1');
const parse = (text: string) => parseCyclictestJson(text, { file: 'c.json' });

const thread = { histogram: { '10': 2, '9': 1, '11': 0 }, cycles: 4, min: 9, max: 40, avg: 10.5, cpu: 3, node: 0 };
const encode = (changes: object): string =>
  JSON.stringify({
    'cmdline:': 'cyclictest -h 20',
    num_threads: 1,
    resolution_in_ns: 0,
    thread: { 0: thread },
    ...changes,
  });
const withThread = (changes: object): string => encode({ thread: { 0: { ...thread, ...changes } } });

describe('parseCyclictestJson()', () => {
  it('reads bins in order, the values beyond them, the CPU and the command', () => {
    expect(parse(encode({}))).toEqual({
      source: 'cyclictest',
      command: 'cyclictest -h 20',
      series: [
        {
          name: 'thread 0',
          cpu: 3,
          blocks: [
            {
              startS: null,
              seconds: null,
              bins: [
                { us: 9, count: 1 },
                { us: 10, count: 2 },
              ],
              beyond: 1,
              maxUs: 40,
            },
          ],
        },
      ],
    });
  });

  it('reads the same as the text of the same run', () => {
    const text = parseCyclictestText(real('cyclictest-h.txt'), { file: 'h.txt' });
    const json = parse(real('cyclictest.json'));
    expect(json.series.map(({ blocks }) => blocks)).toEqual(text.series.map(({ blocks }) => blocks));
  });

  it('reads nanoseconds where the file says so, whatever the caller thinks', () => {
    const { series } = parseCyclictestJson(real('cyclictest-ns.json'), { file: 'c.json', unit: 'ms' });
    const us = series[0]?.blocks[0]?.maxUs ?? 0;
    expect(us).toBeGreaterThan(1);
    expect(us).toBeLessThan(60_000);
  });

  it('takes versions that write no unit and no count of threads', () => {
    const old = JSON.stringify({ cmdline: 'cyclictest', thread: { 0: { ...thread, cpu: undefined } } });
    expect(parse(old)).toMatchObject({ command: 'cyclictest', series: [{ cpu: null, blocks: [{ maxUs: 40 }] }] });
    expect(parseCyclictestJson(old, { file: 'c.json', unit: 'ns' }).series[0]?.blocks[0]?.maxUs).toBe(0.04);
  });

  it.each([
    ['half a file', encode({}).slice(0, 60), /^c\.json:1: Not JSON, or cut off here/],
    ['a real file cut off', real('cyclictest.json').slice(0, 700), /^c\.json:\d\d: Not JSON, or cut off here/],
    ['a list', '[]', /Expected an object as the file, found \[\]/],
    ['no threads', encode({ thread: {}, num_threads: 0 }), /"thread" has no threads/],
    ['other JSON', '{"a": 1}', /Expected an object as "thread", found nothing/],
    ['a thread too few', encode({ num_threads: 2 }), /"num_threads" says 2, "thread" has 1/],
    ['a thread with a name', encode({ thread: { '<b>': thread } }), /"<b>" is not the number of a thread/],
    ['a thread that is null', encode({ thread: { 0: null } }), /Expected an object as thread 0, found null/],
    ['no histogram', withThread({ histogram: undefined }), /"histogram" of thread 0 \(cyclictest needs -h for it\)/],
    [
      'an empty histogram',
      withThread({ histogram: {} }),
      /All 4 values of thread 0 lie outside .* -h above its largest, 40/,
    ],
    ['a thread that never ran', withThread({ histogram: {}, cycles: 0 }), /Thread 0 has no values/],
    ['more values than cycles', withThread({ cycles: 2 }), /has 3 values, more than its 2 cycles/],
    [
      'a negative count',
      withThread({ histogram: { 9: -1 } }),
      /Expected a count as "9" in the histogram of thread 0, found -1/,
    ],
    ['half a count', withThread({ histogram: { 9: 1.5 } }), /found 1\.5/],
    [
      'a latency that is none',
      withThread({ histogram: { '-9': 1 } }),
      /"-9" in the histogram of thread 0 is not a latency/,
    ],
    ['a maximum in words', withThread({ max: 'large' }), /Expected a count as "max" of thread 0, found "large"/],
    ['an unknown unit', encode({ resolution_in_ns: 1000 }), /"resolution_in_ns" is 1000, neither 0 nor 1/],
  ])('rejects %s', (_, text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});
