// Property strings: keys, the default key, and Proxmox's complaints.
import { describe, expect, it } from 'vitest';
import { ParseError } from '#domain/errors.ts';
import { encodePropertyString, type PropertyFormat, parsePropertyString } from './property-string.ts';

const FORMAT: PropertyFormat = {
  properties: {
    size: { type: 'integer', minimum: 16 },
    share: { type: 'number', optional: true },
    cpus: { type: 'string', pattern: /^\d+$/, optional: true },
    policy: { type: 'string', oneOf: ['bind', 'preferred'], optional: true },
  },
  defaultKey: 'size',
};

describe('parsePropertyString()', () => {
  it.each([
    ['512', { size: '512' }],
    ['size=512', { size: '512' }],
    ['share=1.5,512,,policy=bind,', { share: '1.5', size: '512', policy: 'bind' }],
    ['512,share=-1e3', { size: '512', share: '-1e3' }],
    ['16', { size: '16' }],
    [' \t\v,+512', { size: '+512' }],
  ])('reads %j', (text, values) => {
    expect(Object.fromEntries(parsePropertyString(text, FORMAT))).toEqual(values);
  });

  it.each(['512', '+1', '-12.', '10.25', '.25', '-.5', '1e10', '12E+10', '1.5e-10'])(
    'takes %j for a number',
    number => {
      expect(parsePropertyString(`512,share=${number}`, FORMAT).get('share')).toBe(number);
    },
  );

  it.each(['.', '1.2.3', '1e', 'e3', '1e1.5', '0x10', '1 ', 'x1', '--1', 'NaN'])('takes %j for no number', text => {
    expect(() => parsePropertyString(`512,share=${text}`, FORMAT)).toThrow(ParseError);
  });

  it.each([
    ['', 'format error\nsize: property is missing and it is not optional'],
    ['8g', "format error\nsize: type check ('integer') failed - got '8g'"],
    ['1.5', "format error\nsize: type check ('integer') failed - got '1.5'"],
    ['x512', "format error\nsize: type check ('integer') failed - got 'x512'"],
    ['15', 'format error\nsize: value must have a minimum value of 16'],
    ['8', 'format error\nsize: value must have a minimum value of 16'],
    ['512,share=x', "format error\nshare: type check ('number') failed - got 'x'"],
    ['512,cpus=a', 'format error\ncpus: value does not match the regex pattern'],
    [
      '512,policy=strict',
      "format error\npolicy: value 'strict' does not have a value in the enumeration 'bind, preferred'",
    ],
    [
      '512,cpus=a,policy=x',
      "format error\ncpus: value does not match the regex pattern\npolicy: value 'x' does not have a value in the enumeration 'bind, preferred'",
    ],
    ['512,foo=1', 'invalid key in comma-separated list property: foo'],
    ['512,toString=1', 'invalid key in comma-separated list property: toString'],
    ['512,size=512', 'duplicate key in comma-separated list property: size'],
    ['512,513', 'duplicate key in comma-separated list property: size'],
    ['=512', 'missing key in comma-separated list property'],
    ['size=', 'missing key in comma-separated list property'],
  ])('refuses %j', (text, message) => {
    expect(() => parsePropertyString(text, FORMAT)).toThrow(new ParseError(message));
  });

  it('refuses a value without key where no key may be left out', () => {
    expect(() => parsePropertyString('512', { properties: FORMAT.properties })).toThrow(
      'value without key, but schema does not define a default key',
    );
  });
});

describe('encodePropertyString()', () => {
  it('writes what is set, in the given order', () => {
    expect(
      encodePropertyString([
        ['b', '1'],
        ['a', null],
        ['c', '2'],
      ]),
    ).toBe('b=1,c=2');
  });
});
