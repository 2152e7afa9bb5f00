// Texts of all tools: detection, agreement on machines of every shape, cut and mixed texts, and noise.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParseError } from '#domain/errors.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { type CpuSet, unionOf } from '#domain/id-set.ts';
import type { PastedTopology } from '#domain/pasted-topology.ts';
import {
  distanceOf,
  encodeLscpuExtended,
  encodeLscpuJson,
  encodeLscpuParsable,
  encodeLscpuSummary,
  encodeLstopoXml,
  encodeNumactl,
  makeRegularCores,
  NODE_MIB,
  type RegularShape,
} from '#fixtures/tool-texts.ts';
import { parsePastedText } from './parse-pasted-text.ts';

const SHAPE: RegularShape = { packages: 2, nodes: 2, llcs: 1, cores: 3, threads: 2 };

const ENCODERS: ReadonlyArray<readonly [name: string, encode: (shape: RegularShape) => string]> = [
  ['numactl --hardware', encodeNumactl],
  ['lscpu', encodeLscpuSummary],
  ['lscpu -p', encodeLscpuParsable],
  ['lscpu -e', encodeLscpuExtended],
  ['lscpu -J -e', encodeLscpuJson],
  ['lstopo 1', shape => encodeLstopoXml(shape, '1')],
  ['lstopo 2', shape => encodeLstopoXml(shape, '2.0')],
  ['lstopo 3', shape => encodeLstopoXml(shape, '3.0')],
];

const encodeSets = (groups: ReadonlyArray<{ readonly cpus: CpuSet | null }> | null): string | null =>
  groups?.map(({ cpus }) => (cpus ? encodeIdList(cpus) : 'unknown')).join(' | ') ?? null;

function expectTrue(shape: RegularShape, found: PastedTopology): void {
  const cores = makeRegularCores(shape);
  const by = (field: 'package' | 'node' | 'llc') =>
    [...new Set(cores.map(core => core[field]))].map(id => ({
      cpus: unionOf(cores.filter(core => core[field] === id).map(core => core.cpus)),
    }));
  if (found.packages) expect(encodeSets(found.packages)).toBe(encodeSets(by('package')));
  if (found.llcs) expect(encodeSets(found.llcs)).toBe(encodeSets(by('llc')));
  if (found.cores) expect(encodeSets(found.cores)).toBe(encodeSets(cores));
  expect(encodeSets(found.nodes)).toBe(encodeSets(by('node')));
  for (const { id, memoryMiB, distances } of found.nodes ?? []) {
    expect([null, NODE_MIB]).toContain(memoryMiB);
    for (const [to, distance] of distances) expect(distance).toBe(distanceOf(id, to));
  }
  if (found.online)
    expect(encodeSets([{ cpus: found.online }])).toBe(encodeSets([{ cpus: unionOf(cores.map(core => core.cpus)) }]));
}

const shapes = fc.record({
  packages: fc.integer({ min: 1, max: 3 }),
  nodes: fc.integer({ min: 1, max: 3 }),
  llcs: fc.integer({ min: 1, max: 3 }),
  cores: fc.integer({ min: 1, max: 6 }),
  threads: fc.integer({ min: 1, max: 4 }),
});

describe('parsePastedText()', () => {
  it.each(ENCODERS)('reads %s of any machine as it is', (_, encode) => {
    fc.assert(
      fc.property(shapes, shape => expectTrue(shape, parsePastedText(encode(shape), 'x'))),
      { numRuns: 40 },
    );
  });

  it.each([
    ['numactl --hardware', 'nodes'],
    ['lscpu', 'model nodes online present'],
    ['lscpu -p', 'cores llcs nodes online packages'],
    ['lscpu -e', 'cores llcs nodes online packages'],
    ['lscpu -J -e', 'cores llcs nodes online packages'],
    ['lstopo 1', 'cores llcs model nodes online packages present'],
    ['lstopo 2', 'cores llcs model nodes online packages present'],
    ['lstopo 3', 'cores llcs model nodes online packages present'],
  ])('takes from %s what it tells, and null for the rest', (name, told) => {
    const encode = new Map(ENCODERS).get(name);
    const { tool, unknown, ...parts } = parsePastedText(encode?.(SHAPE) ?? '', 'x');
    const known = Object.entries(parts).filter(([, part]) => part !== null);
    expect(
      known
        .map(([part]) => part)
        .sort()
        .join(' '),
    ).toBe(told);
    expect(tool.split(' ')[0]).toBe(name.split(' ')[0]);
    expect(unknown.length).toBeGreaterThan(0);
  });

  it.each(ENCODERS)('reads %s with the line ends, mark and blank lines of a Windows editor', (_, encode) => {
    const text = `\uFEFF\r\n${encode(SHAPE).replaceAll('\n', '\r\n')}\r\n`;
    expectTrue(SHAPE, parsePastedText(text, 'x'));
  });

  it('names the text in all that is unknown', () => {
    const { unknown } = parsePastedText(encodeNumactl(SHAPE), 'pasted.txt');
    expect(new Set(unknown.map(({ path }) => path))).toEqual(new Set(['pasted.txt']));
  });

  it.each([
    ['', 1],
    ['\n \n', 1],
    ['hello\n', 1],
    ['\nroot@node# lscpu\n', 2],
    ['0-3,8\n', 1],
    ['{"a": 1}', 1],
    ['<html></html>', 1],
    ['<topology version="4.0"/>', 1],
    ['<topology/>', 1],
  ])('rejects %j at line %i', (text, line) => {
    expect(failureOf(text)?.position).toMatchObject({ file: 'x', line });
  });

  it('names file and line once', () => {
    expect(failureOf('hello')?.message).toMatch(/^x:1: Not the output of .* "hello"$/);
  });
});

function failureOf(text: string): ParseError | null {
  try {
    parsePastedText(text, 'x');
    return null;
  } catch (error) {
    if (error instanceof ParseError) return error;
    throw error;
  }
}

/** A table or summary that ends after a whole line is one of a smaller machine; these say how much must come. */
const SELF_DELIMITING = ENCODERS.filter(([name]) => /numactl|-J|lstopo/.test(name));

/** Position and words of the error; null when it was read. */
function messageOf(text: string): string | null {
  try {
    parsePastedText(text, 'x');
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(ParseError);
    expect((error as ParseError).cause).toBeInstanceOf(ParseError);
    return (error as ParseError).message;
  }
}

describe('parsePastedText() tells tools apart by their first line', () => {
  it.each([
    ['markup behind a word', 'see <topology>'],
    ['an object behind a word', 'see {'],
    ['words with a comma', 'a,b'],
    ['headings behind a word', 'my CPU NODE'],
    ['headings before a word', 'CPU NODE socket'],
  ])('not by %s', (_, line) => {
    expect(messageOf(`${line}\n`)).toContain(
      `Not the output of numactl --hardware, lscpu or lstopo --of xml: "${line}"`,
    );
  });

  it('not by "available:" within a line: that is some label', () => {
    expect(messageOf('now available: 1 nodes (0)\n')).not.toBe(messageOf('available: 1 nodes (0)\n'));
  });

  it('by headings with longer ones before CPU', () => {
    expect(encodeSets(parsePastedText('NODE CPU\n   0   0\n   1   1\n', 'x').nodes)).toBe('0 | 1');
  });

  it('by a first CPU of two digits, where a filter took the others', () => {
    expect(messageOf('10,5,0,0\n')).toBe(messageOf('1,5,0,0\n'));
  });

  it('also when it is indented', () => {
    expect(messageOf('   see {\n')).toContain('"see {"');
  });

  it('and quotes no more of it than forty characters', () => {
    expect(messageOf(`${'a'.repeat(50)}\n`)).toContain(`"${'a'.repeat(40)}"`);
  });

  it('and says that there is none', () => {
    expect(messageOf('\n \n')).toContain('The text is empty');
  });

  it('behind a mark at the beginning, which stays where it is no mark', () => {
    const text = encodeLscpuSummary(SHAPE).replace(/^(Model name: *).*$/m, '$1a\uFEFFb');
    expect(parsePastedText(text, 'x').model).toBe('a\uFEFFb');
  });
});

it('parsePastedText() says what none of these tools prints', () => {
  for (const [, encode] of ENCODERS) {
    expect(parsePastedText(encode(SHAPE), 'x').unknown).toContainEqual({
      path: 'x',
      reason: 'isolated and nohz_full CPUs: none of these tools prints them',
    });
  }
});

describe('parsePastedText() of a cut text', () => {
  it.each(SELF_DELIMITING)('rejects %s cut anywhere', (_, encode) => {
    const text = encode(SHAPE).trimEnd();
    for (let end = 0; end < text.length; end++) {
      const failure = failureOf(text.slice(0, end));
      if (failure?.position.line === undefined)
        throw new Error(`accepted, cut after ${JSON.stringify(text.slice(0, end).slice(-40))}`);
      expect(failure.position.line).toBeLessThanOrEqual(text.slice(0, end).split('\n').length);
    }
  });

  it.each(ENCODERS.filter(([name]) => /numactl|-e/.test(name)))('rejects %s without its first line', (_, encode) => {
    const text = encode(SHAPE).split('\n').slice(1).join('\n');
    expect(failureOf(text)?.position.line).toBeLessThanOrEqual(2);
  });
});

describe('parsePastedText() of a mixed text', () => {
  const pairs = ENCODERS.flatMap(([name, encode]) =>
    ENCODERS.map(([other, next]) => [name, other, encode, next] as const),
  );

  it.each(pairs)('rejects %s followed by %s, behind the first', (_, __, encode, next) => {
    const first = encode(SHAPE);
    const line = failureOf(first + next(SHAPE))?.position.line;
    expect(line).toBeGreaterThanOrEqual(first.split('\n').length);
  });
});

describe('parsePastedText() of noise', () => {
  const texts = ENCODERS.map(([, encode]) => encode({ packages: 1, nodes: 2, llcs: 1, cores: 2, threads: 2 }));
  const rounds = Number(process.env.BERTH_FUZZ ?? 4000);

  it('gives a topology or an error with a line, and nothing else', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.constantFrom(...texts),
        fc.array(
          fc.tuple(
            fc.constantFrom('cut', 'drop', 'double', 'change', 'insert', 'splice'),
            fc.nat(),
            fc.string({ maxLength: 6 }),
          ),
          {
            minLength: 1,
            maxLength: 4,
          },
        ),
        (text, other, changes) => {
          const noisy = changes.reduce((before, [how, at, words]) => damage(before, { how, at, words, other }), text);
          const failure = failureOf(noisy);
          if (failure) expect(failure.position.line, failure.message).toBeGreaterThanOrEqual(1);
        },
      ),
      { numRuns: rounds },
    );
  }, 600_000);
});

interface Damage {
  readonly how: string;
  readonly at: number;
  readonly words: string;
  readonly other: string;
}

function damage(text: string, { how, at, words, other }: Damage): string {
  const place = at % (text.length + 1);
  const lines = text.split('\n');
  const row = at % lines.length;
  if (how === 'cut') return text.slice(0, place);
  if (how === 'drop') return lines.toSpliced(row, 1).join('\n');
  if (how === 'double') return lines.toSpliced(row, 0, lines[row] ?? '').join('\n');
  if (how === 'change') return text.slice(0, place) + words + text.slice(place + 1);
  if (how === 'insert') return lines.toSpliced(row, 0, words).join('\n');
  return lines.toSpliced(row, 0, other.split('\n')[at % 7] ?? '').join('\n');
}
