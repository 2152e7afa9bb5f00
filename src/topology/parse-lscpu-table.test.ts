// The tables of lscpu: headers of all versions, ragged rows, offline CPUs, and rows that cannot be.
import { describe, expect, it } from 'vitest';
import { encodeIdList } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';
import { parseLscpuExtended, parseLscpuParsable } from './parse-lscpu-table.ts';
import type { PastedParts } from './pasted-parts.ts';

const text = (...lines: readonly string[]): string => `${lines.join('\n')}\n`;

/** `present / online / packages / nodes / LLC domains / cores`, `?` for what is not told. */
function describeTable({ present, online, packages, nodes, llcs, cores }: PastedParts): string {
  const list = (cpus: CpuSet | null): string => (cpus ? encodeIdList(cpus) : '?');
  const sets = (groups: ReadonlyArray<{ readonly id: number; readonly cpus: CpuSet | null }> | null): string =>
    groups?.map(({ id, cpus }) => `${id}=${list(cpus)}`).join(' ') ?? '?';
  return [list(present), list(online), ...[packages, nodes, llcs, cores].map(sets)].join(' / ');
}

describe('parseLscpuParsable()', () => {
  it.each([
    [
      'the default columns',
      text(
        '# comment',
        '# CPU,Core,Socket,Node,,L1d,L1i,L2,L3',
        '0,0,0,0,,0,0,0,0',
        '1,1,0,0,,1,1,1,0',
        '2,0,0,0,,0,0,0,0',
        '3,1,0,0,,1,1,1,0',
      ),
      '? / 0-3 / 0=0-3 / 0=0-3 / 0=0-3 / 0=0,2 1=1,3',
    ],
    ['few columns', text('# CPU,Core,Socket', '12,4,0', '13,5,1'), '? / 12-13 / 0=12 1=13 / ? / ? / 12=12 13=13'],
    ['one column', text('# CPU', '0', '1'), '? / ? / ? / ? / ? / ?'],
    [
      'offline CPUs, whose rows are short',
      text('# CPU,Core,Socket,Node,,L1d,L2,Online', '0,0,0,0,,0,0,Y', '1,,,0,,,N'),
      '0-1 / 0 / 0=0 / 0=0 / 0=0 / 0=0',
    ],
    [
      'rows that are short because caches differ',
      text('# CPU,Core,Socket,Node,,L1d,L1i,L2,L3,Online', '0,0,0,,0,0,0,0,0,Y', '4,4,0,,4,0,Y'),
      '? / 0,4 / 0=0,4 / ? / ? / 0=0 4=4',
    ],
    [
      'core numbers that start again in each node',
      text('# CPU,Core,Socket,Node,,L1d,L2', '0,0,0,0,,0,0', '1,0,0,1,,1,1'),
      '? / 0-1 / 0=0-1 / 0=0 1=1 / 0=0 1=1 / 0=0 1=1',
    ],
    [
      'core numbers that start again in each type of processor',
      text('# CPU,Core,Socket,Node,,L1d,L2,L3', '0,0,0,0,,0,0,0', '1,0,0,0,,1,1,0'),
      '? / 0-1 / ? / 0=0-1 / 0=0-1 / ?',
    ],
    ['no socket numbers', text('# CPU,Core,Socket,Node', '0,0,-,', '1,1,-,'), '? / 0-1 / ? / ? / ? / 0=0 1=1'],
    ['columns in another order', text('# Node,Core,CPU', '1,0,7', '0,2,3'), '? / 3,7 / ? / 0=3 1=7 / ? / 3=3 7=7'],
    [
      'unlike data and instruction caches',
      text('# CPU,Core,L2d,L2i', '0,0,0,0', '1,1,0,1'),
      '? / 0-1 / ? / ? / 0=0-1 / 0=0 1=1',
    ],
    ['blanks in front', text('# CPU,Core', '  0,0', ' 1,1'), '? / 0-1 / ? / ? / ? / 0=0 1=1'],
    [
      'an offline CPU with one cache fewer than the header',
      text('# CPU,Core,Socket,Node,,L1d,L2,Online', '0,0,0,0,,0,0,Y', '1,,,0,,N'),
      '0-1 / 0 / 0=0 / 0=0 / 0=0 / 0=0',
    ],
    [
      'an offline CPU whose row is short and has its core',
      text('# CPU,Core,Socket,Node,,L1d,L2,Online', '0,0,0,0,,0,0,Y', '1,1,0,0,,1,N'),
      '0-1 / 0 / 0=0 / 0=0 / 0=0 / 0=0',
    ],
    [
      'an end of text without an end of line behind a whole row',
      '# CPU,Core,Socket\n0,0,0\n1,1,0',
      '? / 0-1 / 0=0-1 / ? / ? / 0=0 1=1',
    ],
    [
      'an end of text without an end of line behind a short row that says whether the CPU is online',
      '# CPU,Core,Socket,Node,,L1d,L2,ONLINE\n0,0,0,0,,0,0,Y\n1,,,0,,,N',
      '0-1 / 0 / 0=0 / 0=0 / 0=0 / 0=0',
    ],
    [
      'a whole last row without its end of line, behind a short one',
      '# CPU,Core,Socket,Node,,L1d,L2\n0,0,0,0,,0,0\n1,1,0,0,,1\n2,2,0,0,,2,2',
      '? / 0-2 / 0=0-2 / 0=0-2 / ? / 0=0 1=1 2=2',
    ],
    [
      'an end of line behind a short row',
      text('# CPU,Core,Socket,Node,,L1d,L2', '0,0,0,0,,0,0', '1,1,0,0,,1'),
      '? / 0-1 / 0=0-1 / 0=0-1 / ? / 0=0 1=1',
    ],
    ['answers in Italian', text('# CPU,Core,Online', '0,0,sì', '1,,no', '2,1,sì'), '0-2 / 0,2 / ? / ? / ? / 0=0 2=2'],
  ])('reads %s', (_, input, found) => {
    expect(describeTable(parseLscpuParsable(input))).toBe(found);
  });

  it.each([
    ['no header', text('0,0,0', '1,1,0'), 1],
    ['a header without CPU', text('# Core,Socket', '0,0'), 1],
    ['no rows', text('# a', '# CPU,Core'), 2],
    ['a row without a CPU', text('# CPU,Core', ',0'), 2],
    ['a CPU that is no number', text('# CPU,Core', '0,0', 'x,1'), 3],
    ['a CPU larger than any', text('# CPU,Core', '70000,0'), 2],
    ['a core that is no number', text('# CPU,Core', '0,a'), 2],
    ['a node that is no number', text('# CPU,Node', '0,-1'), 2],
    ['a row too long', text('# CPU,Core', '0,0,0'), 2],
    ['a row too short', text('# CPU,Core,Socket', '0,0,0', '1,1'), 3],
    ['a row too short even for few caches', text('# CPU,Core,Socket,Node,,L1d,L2', '0,0,0,0,,0,0', '1,1,0'), 3],
    ['a CPU twice', text('# CPU,Core', '0,0', '1,1', '0,0'), 4],
    ['a second table', text('# CPU,Core', '0,0', '# CPU,Core', '0,0'), 3],
    ['an answer that is a number', text('# CPU,Core,Online', '0,0,1'), 2],
    ['a short last row without its end', '# CPU,Core,Socket,Node,,L1d,L2\n0,0,0,0,,0,0\n1,1,0,0,,1', 3],
  ])('rejects %s', (_, input, line) => {
    expect(() => parseLscpuParsable(input)).toThrow(expect.objectContaining({ position: { line } }));
  });
});

describe('parseLscpuParsable() in words', () => {
  it.each([
    [text('0,0'), '1: Expected the header of lscpu -p, as in "# CPU,Core,Socket,Node"'],
    ['', '1: Expected the header of lscpu -p'],
    [text('# a', '# CPU,Core'), '2: The text ends here: expected a row for each CPU'],
    [text('# CPU,Core', '0,0,0'), 'Expected 2 columns, found 3: "0,0,0"'],
    [text('# CPU,Core', ' 0'), 'Expected 2 columns, found 1: "0"'],
    [text('# CPU,L1d,L2', '0,0,0,0'), 'Expected 3 columns, found 4: "0,0,0,0"'],
    [text('# CPU,Core,L1d,L2,Online', '0,0,Y'), 'Expected 5 columns, found 3: "0,0,Y"'],
    [
      '# CPU,Core,Socket,Node,,L1d,L2\n0,0,0,0,,0,0\n1,1,0,0,,1',
      '3: The last row is shorter than the header and has no end of line: the text is cut',
    ],
  ])('says what is wrong with %j', (input, message) => {
    expect(() => parseLscpuParsable(input)).toThrow(message);
  });

  it('says which tool it was', () => {
    expect(parseLscpuParsable(text('# CPU', '0')).tool).toBe('lscpu -p');
    expect(parseLscpuExtended(text('CPU', '0')).tool).toBe('lscpu -e');
  });
});

describe('parseLscpuExtended()', () => {
  it.each([
    [
      'the default columns',
      text(
        'CPU NODE SOCKET CORE L1d:L2:L3 ONLINE    MAXMHZ',
        '  0    0      0    0 0:0:0        yes 5000.0000',
        '  1    0      -    - -             no         -',
      ),
      '0-1 / 0 / 0=0 / 0=0 / 0=0 / 0=0',
    ],
    ['Russian', text('CPU CORE ONLINE', '0 0 да', '1 - нет'), '0-1 / 0 / ? / ? / ? / 0=0'],
    ['an unknown language', text('CPU CORE ONLINE', '0 0 jo', '1 - joko'), '0-1 / 0 / ? / ? / ? / 0=0'],
    [
      'an offline CPU that has a socket',
      text('CPU SOCKET CORE ONLINE', '0 0 - no', '1 0 0 yes'),
      '0-1 / 1 / 0=1 / ? / ? / 1=1',
    ],
    ['fewer caches', text('CPU CORE L1d:L2:L3', '0 0 0:0:0', '1 1 1:0'), '? / 0-1 / ? / ? / ? / 0=0 1=1'],
    ['names with blanks', text('CPU MODELNAME CORE', '0 A B C 0', '1 A 1'), '? / 0-1 / ? / ? / ? / 0=0 1=1'],
    [
      'names with more blanks before and behind other columns',
      text('CPU MODELNAME SOCKET CORE', '3 A B C D 1 7', '4 A 1 8'),
      '? / 3-4 / 1=3-4 / ? / ? / 3=3 4=4',
    ],
    ['a name with blanks in front', text('MODELNAME CPU CORE', 'A B 0 0'), '? / 0 / ? / ? / ? / 0=0'],
    ['nothing but nodes', text('CPU NODE', '0 0', '1 8'), '? / ? / ? / 0=0 8=1 / ? / ?'],
  ])('reads %s', (_, input, found) => {
    expect(describeTable(parseLscpuExtended(input))).toBe(found);
  });

  it.each([
    ['no rows', text('CPU CORE'), 1],
    ['a row too short', text('CPU CORE ONLINE', '0 0 yes', '1 1'), 3],
    ['a row too long', text('CPU CORE', '0 0 0'), 2],
    ['a row without a CPU', text('CPU CORE', '- 0'), 2],
    ['a CPU twice', text('CPU CORE', '0 0', '0 0'), 3],
    ['a second header', text('CPU CORE', '0 0', 'CPU CORE'), 3],
  ])('rejects %s', (_, input, line) => {
    expect(() => parseLscpuExtended(input)).toThrow(expect.objectContaining({ position: { line } }));
  });

  it.each([
    ['', '1: Expected the header of lscpu -e, as in "CPU NODE SOCKET CORE"'],
    [text('CORE NODE', '0 0'), '1: Expected the header of lscpu -e'],
    [text('CPU CORE'), '1: The text ends here: expected a row for each CPU'],
    [text('CPU CORE', '  0 0 0'), 'Expected 2 columns, found 3: "0 0 0"'],
    [text('CPU MODELNAME CORE', '0 0'), 'Expected 3 columns, found 2: "0 0"'],
  ])('says what is wrong with %j', (input, message) => {
    expect(() => parseLscpuExtended(input)).toThrow(message);
  });
});
