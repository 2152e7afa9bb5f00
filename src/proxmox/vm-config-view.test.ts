// What Proxmox reads out of VM configs; the recorded cases are in `npm run conform -- configs`.
import { describe, expect, it } from 'vitest';
import { VM_CONFIG_SCHEMA } from './vm-config-schema.ts';
import { type ConfigSection, parseVmConfig } from './vm-config-view.ts';

const parse = (text: string) => parseVmConfig(text, VM_CONFIG_SCHEMA);
const values = (section: ConfigSection | null | undefined) => section && Object.fromEntries(section.values);
const messages = (text: string) => parse(text).warnings.map(({ line, message }) => `${line}: ${message}`);

describe('parseVmConfig()', () => {
  it('lets the last valid line of a key win, and says which it was', () => {
    const { main } = parse('cores: 1\ncores: 2\ncores: two\n');
    expect(values(main)).toEqual({ cores: '2' });
    expect(main.lineOf.get('cores')).toBe(2);
  });

  it.each([
    ['cores:4', { cores: '4' }],
    ['cores:\t4 \r', { cores: '4' }],
    ['numa: yes', { numa: '1' }],
    ['name: "db01"', {}],
    ['citype: "nocloud"', { citype: 'nocloud' }],
    ['args: "-smp 4"', { args: '"-smp 4"' }],
    ['cdrom: none', { ide2: 'none' }],
    ['hugepages: 512', { hugepages: '512' }],
    ['#a%3A b', { description: 'a: b' }],
    ['#a\n#  b \ndescription: c%0A', { description: 'a\n  b \nc' }],
    ['#\n# \n', { description: '' }],
    ['snapstate: prepare', {}],
  ])('reads %j', (text, expected) => {
    expect(values(parse(text).main)).toEqual(expected);
  });

  it('tells its sections apart', () => {
    const view = parse(
      'cores: 1\n[pending]\ncores: 2\ndelete: numa\n[SPECIAL:cloudinit]\nany: thing\n[cloudinit]\ncores: 3\nsnapstate: delete\n[special:fleecing]\nfleecing-images: a:1\ncores: 5\n',
    );
    expect(values(view.main)).toEqual({ cores: '1' });
    expect(values(view.pending)).toEqual({ cores: '2', delete: 'numa' });
    expect(values(view.special.get('cloudinit'))).toEqual({ any: 'thing' });
    expect(values(view.snapshots.get('cloudinit'))).toEqual({ cores: '3', snapstate: 'delete' });
    expect(values(view.special.get('fleecing'))).toEqual({ 'fleecing-images': 'a:1' });
    expect(view.warnings).toEqual([
      { line: 12, message: "unable to parse value of 'cores' - unknown setting 'cores'" },
    ]);
  });

  it('forgets the first of two sections of a name', () => {
    const view = parse('[PENDING]\ncores: 1\n[PENDING]\nnuma: 1\n[s1]\ncores: 1\n[s1]\n');
    expect(values(view.pending)).toEqual({ numa: '1' });
    expect(values(view.snapshots.get('s1'))).toEqual({});
    expect(view.warnings.map(({ message }) => message)).toEqual([
      'duplicate section: pending',
      'duplicate snapshot section: s1',
    ]);
  });

  it('warns of a special section that is there twice', () => {
    expect(messages('[special:fleecing]\n[special:cloudinit]\n[special:fleecing]\n')).toEqual([
      '3: duplicate special section: fleecing',
    ]);
  });

  it.each(['snapstate:delete', 'snapstate: \t\vdelete', '!snapstate: delete '])(
    'finds the snapshot state in %j',
    line => {
      expect(values(parse(`[s1]\n${line}\n`).snapshots.get('s1'))).toEqual({ snapstate: 'delete' });
    },
  );

  it('says which lines gave the description', () => {
    expect(parse('cores: 1\n#a\ndescription: b\n').main.descriptionLines).toEqual([2, 3]);
  });

  it('reads nothing in a section that it does not know', () => {
    const view = parse('[special:other]\ncores: 1\n#note\nrubbish\n[s1]\ncores: 2\n');
    expect([values(view.main), values(view.snapshots.get('s1'))]).toEqual([{}, { cores: '2' }]);
    expect(view.warnings).toEqual([{ line: 1, message: "skipping unknown section: 'special:other'" }]);
  });

  it.each([
    ['affinity0: 0', "1: unable to parse value of 'affinity0' - unknown setting 'affinity0'"],
    ['affinity: 0-3:2', "1: unable to parse value of 'affinity' - unable to parse cpuset option"],
    ['\n\nsockets: 1 # one', "3: unable to parse value of 'sockets' - type check ('integer') failed - got '1 # one'"],
    ['delete: numa', "1: property 'delete' is only allowed in [PENDING]"],
    ['delete: ', "1: unable to parse value of 'delete' - unknown setting 'delete'"],
    ['Cores: 2', '1: unable to parse config: Cores: 2'],
    ['  cores: 2', '1: unable to parse config:   cores: 2'],
    ['cores:', '1: unable to parse config: cores:'],
    ['cores: ', "1: unable to parse value of 'cores' - type check ('integer') failed - got ' '"],
    ['\xa0', '1: unable to parse config: \xa0'],
    ['[a]', "1: skipping unknown section: 'a'"],
    ['[]', "1: skipping unknown section: ''"],
    ['[special:CLOUDINIT]', "1: skipping unknown section: 'special:CLOUDINIT'"],
    ['[open', '1: unable to parse config: [open'],
    ['x[PENDING]', '1: unable to parse config: x[PENDING]'],
    ['[PENDING]x', '1: unable to parse config: [PENDING]x'],
    ['x[special:cloudinit]', '1: unable to parse config: x[special:cloudinit]'],
    ['[special:cloudinit]x', '1: unable to parse config: [special:cloudinit]x'],
    ['x[snap1]', '1: unable to parse config: x[snap1]'],
    ['[snap1]x', '1: unable to parse config: [snap1]x'],
    ['x[]', '1: unable to parse config: x[]'],
    ['snapstate: preparex', "1: unable to parse value of 'snapstate' - unknown setting 'snapstate'"],
    ['name: a\rb', "1: unable to parse value of 'name' - property contains a line feed"],
    ['\0\x01\x02', '1: unable to parse config: \0\x01\x02'],
  ])('warns about %j', (text, warning) => {
    expect(messages(text)).toEqual([warning]);
    expect(values(parse(text).main)).toEqual({});
  });

  it.each(['', '\n', ' \t\r\n\f\v'])('finds nothing in %j', text => {
    expect(parse(text)).toMatchObject({ pending: null, warnings: [] });
  });
});
