// Edits of config texts: the lines they are about, and not a byte elsewhere.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ConfigEdit,
  type ConfigPart,
  editGuestConfigText,
  encodeGuestConfigText,
  parseGuestConfigText,
  rawConfigValue,
} from './guest-config-text.ts';

const edit = (text: string, set: Record<string, string>, remove: string[] = [], section: ConfigPart = 'main') =>
  editGuestConfigText(text, { section, set: new Map(Object.entries(set)), remove });

/** Lines as they occur, and lines as they should not. */
const anyLine = fc.oneof(
  fc.constantFrom(
    'affinity: 0-3',
    'affinity: 8',
    'affinity : 1',
    'affinity:1',
    'numa: 1',
    '#affinity: 9',
    '# note',
    '',
    ' ',
    '\t',
  ),
  fc.constantFrom(
    '[PENDING]',
    '[pending] ',
    '[snap1]',
    '[special:cloudinit]',
    '[:3]',
    '[',
    '[]',
    'delete: numa,!cores',
    'delete:',
  ),
  fc.constantFrom(
    'lxc.cgroup2.cpuset.cpus: 0-3',
    'lxc.cgroup2.cpuset.cpus = 4',
    'description: x',
    '\xa0',
    'cores 4',
    'B\xc3\xbc',
  ),
  fc.string({ unit: 'binary-ascii' }).map(text => text.replaceAll('\n', '')),
);
const anyText = fc
  .array(fc.tuple(anyLine, fc.constantFrom('\n', '\r\n', '\r\r\n')))
  .chain(lines => fc.tuple(fc.constant(lines.flat().join('')), fc.constantFrom('', 'cores: 4', '\r', '[PENDING]')))
  .map(parts => parts.join(''));

describe('parseGuestConfigText()', () => {
  it.each(['', '\n', 'a', 'a: 1\r\nb: 2', '\r', '\r\n\n\r', '[x]\n\n\n', '\0\x01\xff\n', 'a\n\r\n'])(
    'is undone for %j',
    text => {
      expect(encodeGuestConfigText(parseGuestConfigText(text))).toBe(text);
    },
  );

  it('is undone by encodeGuestConfigText() for any text', () => {
    fc.assert(
      fc.property(anyText, text => {
        expect(encodeGuestConfigText(parseGuestConfigText(text))).toBe(text);
      }),
    );
  });

  it('tells the ending of each line', () => {
    expect(parseGuestConfigText('a\r\nb\nc')).toEqual([
      { text: 'a', ending: '\r\n' },
      { text: 'b', ending: '\n' },
      { text: 'c', ending: '' },
    ]);
  });
});

describe('rawConfigValue()', () => {
  const lines = parseGuestConfigText(
    'numa: 1\naffinity: 0-3 \nlxc.cgroup2.cpuset.cpus = 4-7\naffinity:\t8\n[pending]\nnuma: 0\n[PENDING]\ncores: 2\n[snap1]\nvcpus: 1\n',
  );

  it.each<[ConfigPart, string, string | null]>([
    ['main', 'affinity', '8'],
    ['main', 'lxc.cgroup2.cpuset.cpus', '4-7'],
    ['main', 'cores', null],
    ['main', 'vcpus', null],
    ['pending', 'cores', '2'],
    ['pending', 'numa', null],
  ])('finds the last value: %s %s is %j', (section, key, value) => {
    expect(rawConfigValue(lines, section, key)).toBe(value);
  });

  it('finds nothing pending where there is no [PENDING]', () => {
    expect(rawConfigValue(parseGuestConfigText('cores: 1\n'), 'pending', 'cores')).toBeNull();
  });
});

describe('editGuestConfigText() in the main section', () => {
  it.each<[string, string, Record<string, string>, string[], string]>([
    ['changes a value in place', 'a: 1\ncores: 2\nb: 3\n', { cores: '4' }, [], 'a: 1\ncores: 4\nb: 3\n'],
    [
      'keeps the last of several lines',
      'cores: 1\na: 1\ncores: 2\nb: 1\n',
      { cores: '4' },
      [],
      'a: 1\ncores: 4\nb: 1\n',
    ],
    ['adds before the blank line', 'a: 1\n\n[snap1]\na: 2\n', { cores: '4' }, [], 'a: 1\ncores: 4\n\n[snap1]\na: 2\n'],
    ['adds before a header', 'a: 1\n[snap1]\n', { cores: '4' }, [], 'a: 1\ncores: 4\n[snap1]\n'],
    ['fills an empty file', '', { cores: '4' }, [], 'cores: 4\n'],
    ['fills an empty main section', '[snap1]\ncores: 1\n', { cores: '4' }, [], 'cores: 4\n[snap1]\ncores: 1\n'],
    ['adds behind a last line without newline', 'a: 1', { b: '2', c: '3' }, [], 'a: 1\nb: 2\nc: 3'],
    ['keeps Windows line ends', 'a: 1\r\nb: 2\r\n', { b: '3', c: '4' }, [], 'a: 1\r\nb: 3\r\nc: 4\r\n'],
    ['ends lines as the file does', 'a: 1\r\nb: 2', { c: '3' }, [], 'a: 1\r\nb: 2\r\nc: 3'],
    ['takes brackets in a value for no header', 'args: [x]\na: 1\n', { b: '2' }, [], 'args: [x]\na: 1\nb: 2\n'],
    ['takes a header with text behind it for none', '[x] y\na: 1\n', { b: '2' }, [], '[x] y\na: 1\nb: 2\n'],
    ['knows a header with space behind it', 'a: 1\n[x] \t\v\n', { b: '2' }, [], 'a: 1\nb: 2\n[x] \t\v\n'],
    ['changes a numbered key in place', 'numa0: a\nb: 1\n', { numa0: 'c' }, [], 'numa0: c\nb: 1\n'],
    ['removes every line of a key', 'a: 1\nb: 1\na: 2\n[snap1]\na: 3\n', {}, ['a', 'x'], 'b: 1\n[snap1]\na: 3\n'],
    ['leaves a line that already says so', 'cores:4 \n', { cores: '4' }, [], 'cores:4 \n'],
    ['does not take a comment for a line', '#cores: 1\n', { cores: '4' }, [], '#cores: 1\ncores: 4\n'],
    ['does not take a longer key for it', 'numa0: cpus=0\n', { numa: '1' }, [], 'numa0: cpus=0\nnuma: 1\n'],
    ['keeps garbage', '\0\xff\n  cores: 2\n', { cores: '4' }, [], '\0\xff\n  cores: 2\ncores: 4\n'],
  ])('%s', (_, text, set, remove, edited) => {
    expect(edit(text, set, remove)).toBe(edited);
  });

  it('edits dotted keys of containers, however they are written', () => {
    const text = 'cores: 2\nlxc.cgroup2.cpuset.cpus = 0-3\nlxc.mount.auto: proc\nlxc.cgroup2.cpuset.cpus: 4-7\n';
    expect(edit(text, { 'lxc.cgroup2.cpuset.cpus': '8' })).toBe(
      'cores: 2\nlxc.mount.auto: proc\nlxc.cgroup2.cpuset.cpus: 8\n',
    );
  });

  it('knows a dotted key by `=` without space', () => {
    expect(edit('lxc.cgroup2.cpuset.cpus=0\na: 1\n', { 'lxc.cgroup2.cpuset.cpus': '8' })).toBe(
      'lxc.cgroup2.cpuset.cpus: 8\na: 1\n',
    );
  });

  it.each(['', 'a\nb', 'a\r'])('takes the value %j for a bug', value => {
    expect(() => edit('', { cores: value })).toThrow('internal error: cores cannot be written on one line');
  });
});

describe('editGuestConfigText() in [PENDING]', () => {
  const MAIN = 'cores: 2\n';

  it.each<[string, string, Record<string, string>, string[], string]>([
    ['makes the section', MAIN, { cores: '4' }, ['numa'], `${MAIN}\n[PENDING]\ncores: 4\ndelete: numa\n`],
    [
      'makes it before snapshots',
      `${MAIN}\n[s1]\na: 1\n`,
      { cores: '4' },
      [],
      `${MAIN}\n[PENDING]\ncores: 4\n\n[s1]\na: 1\n`,
    ],
    ['makes nothing for nothing', MAIN, {}, [], MAIN],
    [
      'changes it in place',
      `${MAIN}[pending]\ncores: 3\n\n[s1]\n`,
      { cores: '4', numa: '1' },
      [],
      `${MAIN}[pending]\ncores: 4\nnuma: 1\n\n[s1]\n`,
    ],
    [
      'sorts deletions in',
      `${MAIN}[PENDING]\ndelete: numa\n`,
      {},
      ['affinity'],
      `${MAIN}[PENDING]\ndelete: affinity,numa\n`,
    ],
    [
      'forgets a value that is to be deleted',
      `${MAIN}[PENDING]\nnuma: 1\n`,
      {},
      ['numa'],
      `${MAIN}[PENDING]\ndelete: numa\n`,
    ],
    [
      'forgets the deletion of what is set',
      `${MAIN}[PENDING]\ndelete: numa,!tags\n`,
      { tags: 'a' },
      [],
      `${MAIN}[PENDING]\ndelete: numa\ntags: a\n`,
    ],
    ['leaves forced deletions', `${MAIN}[PENDING]\ndelete: !numa\n`, {}, ['numa'], `${MAIN}[PENDING]\ndelete: !numa\n`],
    [
      'leaves deletions that stay as they are written',
      `${MAIN}[PENDING]\ndelete: tags; numa\n`,
      { cores: '4' },
      [],
      `${MAIN}[PENDING]\ndelete: tags; numa\ncores: 4\n`,
    ],
    [
      'takes no deletions from the main section',
      'delete: tags\n',
      {},
      ['numa'],
      'delete: tags\n\n[PENDING]\ndelete: numa\n',
    ],
    [
      'knows its header, and no other line, for one',
      'args: [PENDING]\n[PENDING] x\n[pending]\v\na: 1\n',
      { b: '2' },
      [],
      'args: [PENDING]\n[PENDING] x\n[pending]\v\na: 1\nb: 2\n',
    ],
    [
      'makes the section where lines only look like its header',
      'args: [PENDING]\n[PENDING] x\n',
      { b: '2' },
      [],
      'args: [PENDING]\n[PENDING] x\n\n[PENDING]\nb: 2\n',
    ],
    ['forgets the last deletion', `${MAIN}[PENDING]\ndelete: numa\n`, { numa: '1' }, [], `${MAIN}[PENDING]\nnuma: 1\n`],
    [
      'edits the last of two, which counts',
      '[PENDING]\na: 1\n[PENDING]\na: 2\n',
      { a: '3' },
      [],
      '[PENDING]\na: 1\n[PENDING]\na: 3\n',
    ],
  ])('%s', (_, text, set, remove, edited) => {
    expect(edit(text, set, remove, 'pending')).toBe(edited);
  });
});

describe('every edit', () => {
  const KEYS = ['affinity', 'numa', 'cores', 'lxc.cgroup2.cpuset.cpus'];
  const anyEdit: fc.Arbitrary<ConfigEdit> = fc.record({
    section: fc.constantFrom('main' as const, 'pending' as const),
    set: fc
      .uniqueArray(fc.tuple(fc.constantFrom(...KEYS), fc.constantFrom('1', '0-3', 'a b')), { selector: ([key]) => key })
      .map(entries => new Map(entries)),
    remove: fc.subarray(['numa0', 'vcpus']),
  });
  const touched = /^(affinity|numa|cores|numa0|vcpus|delete):|^lxc\.cgroup2\.cpuset\.cpus[ \t]*[:=]/;
  const untouchedLines = (text: string) =>
    parseGuestConfigText(text)
      .map(line => line.text)
      .filter(line => !touched.test(line));

  /** What `after` has besides the lines of `before` in their order, and what it lacks of them. */
  const compareLines = (before: readonly string[], after: readonly string[]) => {
    const missing = [...before];
    const extra: string[] = [];
    for (const line of after) {
      if (line === missing[0]) missing.shift();
      else extra.push(line);
    }
    return { extra: extra.sort(), missing };
  };

  it('leaves all other lines as they were, in their order', () => {
    fc.assert(
      fc.property(anyText, anyEdit, (text, change) => {
        const { extra, missing } = compareLines(
          untouchedLines(text),
          untouchedLines(editGuestConfigText(text, change)),
        );
        expect(missing).toEqual([]);
        const makesSection = change.section === 'pending' && !/^\[pending\]/im.test(text.replaceAll('\r', ' '));
        const madeSection = makesSection && change.set.size + change.remove.length > 0;
        expect(extra).toEqual(madeSection ? ['', '[PENDING]'] : []);
      }),
    );
  });

  it('is read back', () => {
    fc.assert(
      fc.property(anyText, anyEdit, (text, change) => {
        const lines = parseGuestConfigText(editGuestConfigText(text, change));
        for (const [key, value] of change.set) expect(rawConfigValue(lines, change.section, key)).toBe(value);
        for (const key of change.remove) expect(rawConfigValue(lines, change.section, key)).toBeNull();
      }),
    );
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(anyText, anyEdit, (text, change) => {
        const once = editGuestConfigText(text, change);
        expect(editGuestConfigText(once, change)).toBe(once);
      }),
    );
  });

  it('editGuestConfigText() takes a pending deletion list with a lone carriage return apart as Proxmox does', () => {
    const text = 'affinity: 0-3\n[PENDING]\ndelete: n\ruma,!affinity\n';
    const edited = editGuestConfigText(text, {
      section: 'pending',
      set: new Map([['affinity', '4-5']]),
      remove: ['numa'],
    });
    expect(edited).toContain('affinity: 4-5\n');
    expect(edited).toMatch(/^delete: n,numa,uma$/m);
  });
});
