// The payload's reports: cut anywhere, joined late, and broken.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParseError } from '#domain/errors.ts';
import { parsePayloadReport } from './parse-payload-report.ts';

const FIRST = `report 1 at 500018 us tsc 2300011 khz floor 46 us touched 62 MiB
vcpu 0 loops 12239 lost 406650 us max 65575 us gaps 5:35 16:1
vcpu 1 loops 12531 lost 0 us max 0 us gaps
end 1
`;
const SECOND = `report 2 at 1205144 us tsc 2300011 khz floor 46 us touched 62 MiB
vcpu 0 loops 18317 lost 1060044 us max 211543 us gaps 5:42 17:1
vcpu 1 loops 17881 lost 99 us max 99 us gaps 6:1
vcpu 8 loops 3 lost 0 us max 0 us gaps
end 2
`;
const numbersOf = (text: string): readonly number[] => parsePayloadReport(text).map(({ number }) => number);

describe('parsePayloadReport()', () => {
  it('reads a report', () => {
    expect(parsePayloadReport(FIRST)).toEqual([
      {
        number: 1,
        atUs: 500_018,
        tscKHz: 2_300_011,
        gapFloorUs: 46,
        touchedMiB: 62,
        vcpus: new Map([
          [
            0,
            {
              loops: 12_239,
              lostUs: 406_650,
              longestGapUs: 65_575,
              gaps: new Map([
                [5, 35],
                [16, 1],
              ]),
            },
          ],
          [1, { loops: 12_531, lostUs: 0, longestGapUs: 0, gaps: new Map() }],
        ]),
      },
    ]);
  });

  it('reads report after report, with a vCPU that came later', () => {
    const ids = parsePayloadReport(FIRST + SECOND).map(({ vcpus }) => [...vcpus.keys()]);
    expect(ids).toEqual([
      [0, 1],
      [0, 1, 8],
    ]);
  });

  it.each([
    ['nothing', ''],
    ['a firmware alone', 'SeaBIOS (version 1.16.2)\nBooting from ROM..\n'],
    ['an idle payload', 'idle touched 62 MiB\n'],
    ['a report that has not ended', FIRST.slice(0, FIRST.indexOf('end'))],
    ['a last line without its end', FIRST.trimEnd()],
  ])('finds no report in %s', (_, text) => {
    expect(parsePayloadReport(text)).toEqual([]);
  });

  it.each([
    ['a firmware', 'SeaBIOS\r\n\x1b[2JBooting from ROM..\n'],
    ['the rest of a report', 'ps 4:1\nvcpu 3 loops 1 lost 0 us max 0 us gaps\nend 9\n'],
    [
      'the end of a first line',
      'us tsc 2300011 khz floor 46 us touched 62 MiB\nvcpu 0 loops 1 lost'.replace(/$/, ' 0\n'),
    ],
    ['an empty line', '\n'],
  ])('passes over %s in front', (_, garbage) => {
    expect(numbersOf(garbage + FIRST)).toEqual([1]);
  });

  it('passes over what stands between two reports', () => {
    expect(numbersOf(`${FIRST}SeaBIOS\n${SECOND}`)).toEqual([1, 2]);
  });

  it('reads the complete reports of a text that is cut off anywhere', () => {
    const text = FIRST + SECOND;
    const complete = (length: number) => (length < FIRST.length ? [] : length < text.length ? [1] : [1, 2]);
    fc.assert(
      fc.property(fc.nat(text.length), length => {
        expect(numbersOf(text.slice(0, length))).toEqual(complete(length));
      }),
    );
  });

  it('reads the complete reports of a text whose beginning is missing', () => {
    const text = FIRST + SECOND;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: FIRST.length }), start => {
        expect(numbersOf(text.slice(start))).toEqual([2]);
      }),
    );
  });

  it.each([
    ['a word in place of a number', 'vcpu 0 loops many lost 0 us max 0 us gaps'],
    ['a negative number', 'vcpu 0 loops -1 lost 0 us max 0 us gaps'],
    ['a number that no number can hold', 'vcpu 0 loops 1234567890123456 lost 0 us max 0 us gaps'],
    ['a missing number', 'vcpu 0 loops 1 lost us max 0 us gaps'],
    ['a line without gaps', 'vcpu 0 loops 1 lost 0 us max 0 us'],
    ['half a gap', 'vcpu 0 loops 1 lost 0 us max 0 us gaps 5:'],
    ['gaps without spaces', 'vcpu 0 loops 1 lost 0 us max 0 us gaps5:1'],
    ['a space too many', 'vcpu 0  loops 1 lost 0 us max 0 us gaps'],
    ['an empty line', ''],
    ['a carriage return', 'vcpu 0 loops 1 lost 0 us max 0 us gaps\r'],
    ['a firmware, after a reset', 'SeaBIOS (version 1.16.2)'],
    ['another report', 'report 2 at 1 us tsc 1 khz floor 1 us touched 1 MiB'],
    ['the end of another report', 'end 2'],
    ['a vCPU for the second time', 'vcpu 1 loops 1 lost 0 us max 0 us gaps'],
  ])('rejects %s inside a report, with its line', (_, line) => {
    const text = `SeaBIOS\n${FIRST.replace('end 1', `${line}\nend 1`)}`;
    expect(() => parsePayloadReport(text)).toThrow(ParseError);
    expect(() => parsePayloadReport(text)).toThrow(/^5: /);
  });
});
