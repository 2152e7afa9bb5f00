// The node's name, and names that the cluster does not know.
import { describe, expect, it } from 'vitest';
import { makeTextTree } from '#fixtures/text-tree.ts';
import { readNodeName } from './read-node-name.ts';

const nameIn = (files: Record<string, string>) => readNodeName(makeTextTree(new Map(Object.entries(files))));

describe('readNodeName()', () => {
  it.each([
    ['the host name', { '/etc/hostname': 'pve1\n' }],
    ['the host name up to its first dot', { '/etc/hostname': 'pve1.example.com\n' }],
    ['the name that the kernel has where there is no file', { '/proc/sys/kernel/hostname': 'pve1\n' }],
    ['a node that the cluster knows', { '/etc/hostname': 'pve1\n', '/etc/pve/nodes/pve1/lxc/x': '' }],
  ])('is %s', (_, files) => {
    expect(nameIn(files)).toBe('pve1');
  });

  it('says which nodes there are when it is none of them', () => {
    const files = { '/etc/hostname': 'new\n', '/etc/pve/nodes/pve2/x': '', '/etc/pve/nodes/pve1/x': '' };
    expect(() => nameIn(files)).toThrow(
      'Cannot find node "new" (from /etc/hostname) in /etc/pve/nodes, which has pve1, pve2',
    );
  });

  it.each([{}, { '/etc/hostname': '' }, { '/etc/hostname': '../x' }, { '/etc/hostname': '.local\n' }])(
    'rejects %j',
    files => {
      expect(() => nameIn(files)).toThrow("Cannot tell the node's name");
    },
  );
});
