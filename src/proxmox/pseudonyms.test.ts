// Names and their substitutes.
import { expect, it } from 'vitest';
import { type NameKind, Pseudonyms } from './pseudonyms.ts';

it.each<[NameKind, string]>([
  ['uuid', '00000000-0000-4000-8000-000000000002'],
  ['tag', 'tag2'],
  ['snapshot', 'snapshot2'],
  ['iothread', 'iothread-x2'],
  ['node', 'node2'],
  ['storage', 'storage2'],
  ['rule', 'rule2'],
  ['mapping', 'mapping2'],
  ['group', 'group2'],
  ['pool', 'pool2'],
  ['file', 'file2'],
])('Pseudonyms number each %s, the second is %s', (kind, second) => {
  const names = new Pseudonyms();
  const [first, ...others] = ['a', 'b', 'a'].map(name => names.of(kind, name));
  expect(others).toEqual([second, first]);
});

it('Pseudonyms call the first node by no number, and count each kind for itself', () => {
  const names = new Pseudonyms();
  expect([names.of('tag', 'a'), names.of('node', 'a'), names.of('node', 'b')]).toEqual(['tag1', 'node', 'node2']);
});
