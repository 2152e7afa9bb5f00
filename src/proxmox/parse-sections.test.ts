// Sectioned files of the cluster: headers with and without a type, repeated keys, flags.
import { expect, it } from 'vitest';
import { parseSections, sectionValue, splitNodes } from './parse-sections.ts';

it('parseSections() reads typed sections with their indented lines', () => {
  const [dir, nas] = parseSections(
    '# ours\ndir: local\n\tpath /var/lib/vz\n\n\tcontent iso\n\nnfs: nas\n\tserver 10.0.0.1\n',
  );
  expect(dir).toMatchObject({ type: 'dir', id: 'local' });
  expect([...(dir?.values ?? [])]).toEqual([
    ['path', ['/var/lib/vz']],
    ['content', ['iso']],
  ]);
  expect(nas?.values.get('server')).toEqual(['10.0.0.1']);
});

it('parseSections() reads sections without a type, keeps repeated keys, and flags as empty texts', () => {
  const [gpu] = parseSections('gpu\n\tmap id=1,node=a\n\tmap id=1,node=b\n\tdisable\n');
  expect(gpu).toMatchObject({ type: null, id: 'gpu' });
  expect(gpu?.values.get('map')).toHaveLength(2);
  expect(gpu?.values.get('disable')).toEqual(['']);
});

it.each(['', '\n\n', '\tpath /x\n', '# only\n', 'two words here\n', '#comment\n'])(
  'parseSections() finds no section in %j',
  text => {
    expect(parseSections(text)).toEqual([]);
  },
);

it('parseSections() takes blanks in headers and at the ends of lines, and words of several blanks', () => {
  const [first, second] = parseSections(
    'node-affinity:  big  \n  # not this\n \t\n  resources   vm:1  vm:2 \t\n\t disable \nvm:100\n',
  );
  expect(first).toMatchObject({ type: 'node-affinity', id: 'big' });
  expect([...(first?.values ?? [])]).toEqual([
    ['resources', ['vm:1  vm:2']],
    ['disable', ['']],
  ]);
  expect(second).toMatchObject({ type: 'vm', id: '100' });
});

it('parseSections() gives lines below a header that is none to the section before it', () => {
  const [only, ...others] = parseSections('dir: a\n!x y: b\n\tpath /x\n');
  expect(others).toEqual([]);
  expect(only && sectionValue(only, 'path')).toBe('/x');
});

it('sectionValue() takes the last value, and null where there is none', () => {
  const [section] = parseSections('dir: a\n\tnodes x\n\tnodes y\n');
  expect(section && sectionValue(section, 'nodes')).toBe('y');
  expect(section && sectionValue(section, 'path')).toBeNull();
});

it('splitNodes() leaves out priorities', () => {
  expect(splitNodes('pve1:2, pve2;pve3')).toEqual(['pve1', 'pve2', 'pve3']);
  expect(splitNodes(' pve1:10  pve2:')).toEqual(['pve1', 'pve2']);
  expect(splitNodes('')).toEqual([]);
});
