// JSON of lscpu: the same values as any JSON reader gives, with lines, and errors with lines.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JsonNode, parseJsonText } from './parse-json-text.ts';

function strip({ value }: JsonNode): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, node]) => [name, strip(node)]));
  return Array.isArray(value) ? value.map(strip) : value;
}

const asText = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(asText);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, asText(inner)]));
};

const { json } = fc.letrec(tie => ({
  leaf: fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
  json: fc.oneof(
    { maxDepth: 4 },
    tie('leaf'),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(
      fc.string().filter(name => name !== '__proto__'),
      tie('json'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
}));

describe('parseJsonText()', () => {
  it('reads what JSON.stringify writes, scalars as their text', () => {
    fc.assert(
      fc.property(json, fc.constantFrom(0, 1, 3), (value, indent) => {
        expect(strip(parseJsonText(JSON.stringify(value, null, indent)))).toEqual(asText(value));
      }),
    );
  });

  it('knows the line of each value', () => {
    const { value } = parseJsonText('{\n\n "a": [1,\n 2]}\n');
    const list = value instanceof Map ? value.get('a') : undefined;
    expect(list?.line).toBe(3);
    expect(Array.isArray(list?.value) && list.value.map(({ line }: JsonNode) => line)).toEqual([3, 4]);
  });

  it.each([
    ['{"a": -,"b": - }', { a: null, b: null }],
    ['[5000.0000]', ['5000.0000']],
    ['[-  ]\n\n', [null]],
    ['[]', []],
    ['{}', {}],
  ])('reads %s', (text, value) => {
    expect(strip(parseJsonText(text))).toEqual(value);
  });

  it.each([
    ['', 1],
    ['\n\n', 1],
    ['{', 1],
    ['{"a"\n: 1,\n', 2],
    ['{"a": 1,}', 1],
    ['{"a": 1 "b": 2}', 1],
    ['{"a": 1,\n"a": 2}', 2],
    ['{a: 1}', 1],
    ['[1,\n,]', 2],
    ['[1 2]', 1],
    ['[1}', 1],
    ['[\n"a\n"]', 2],
    ['["\\x"]', 1],
    ['[01.]', 1],
    ['[yes]', 1],
    ['[]\n[]', 2],
    ['\n\n$', 3],
    ['['.repeat(50), 1],
  ])('rejects %j at line %i', (text, line) => {
    expect(() => parseJsonText(text)).toThrow(expect.objectContaining({ position: { line } }));
  });

  it.each([
    ['{"a":'.repeat(22), 'The JSON is nested too deeply for an output of lscpu'],
    ['[['.repeat(11), 'The JSON is nested too deeply for an output of lscpu'],
    ['[yes]', 'Expected a JSON value, found "yes"'],
    ['[xtrue]', 'Expected a JSON value, found "xtrue"'],
    ['[truex]', 'Expected a JSON value, found "truex"'],
    ['[1.]', 'Expected a JSON value, found "1."'],
    ['[-1.5.5]', 'Expected a JSON value, found "-1.5.5"'],
    ['[-x]', 'Expected a JSON value, found "-x"'],
    ['[] x', 'Expected nothing after the end of the JSON'],
    ['{a: 1}', 'Expected a name in quotes, found "a"'],
    ['{"a": 1, "a": 2}', '"a" occurs twice in one object'],
    ['{"a" 1}', 'Expected ":", found "1"'],
    ['[1 2]', 'Expected "," or "]", found "2"'],
    ['{"a": 1]', 'Expected "," or "}", found "]"'],
    ['[', 'The JSON ends too early'],
    ['[  ', 'The JSON ends too early'],
    ['[ $ and twenty more characters', 'Not JSON: "$ and twenty more ch"'],
    ['["a', 'Not JSON: ""a"'],
    ['["\\x"]', 'Not a JSON string: "\\x"'],
  ])('says what is wrong with %j', (text, message) => {
    expect(() => parseJsonText(text)).toThrow(message);
  });

  it('reads what is nested as deeply as it may be', () => {
    const text = '['.repeat(21) + ']'.repeat(21);
    expect(JSON.stringify(strip(parseJsonText(text)))).toBe(text);
  });

  it('keeps why a string is none', () => {
    expect(() => parseJsonText('["\\x"]')).toThrow(expect.objectContaining({ cause: expect.any(SyntaxError) }));
  });

  it('goes back behind blank lines to look for the end of an array', () => {
    const { value } = parseJsonText('[\n\n1]');
    expect(Array.isArray(value) && value.map(({ line }: JsonNode) => line)).toEqual([3]);
  });
});
