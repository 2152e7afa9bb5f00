// The commands that edit a config by hand.
import { describe, expect, it } from 'vitest';
import { vmId } from '#domain/ids.ts';
import { makeFileEdits, makeQmSet, withoutHostNodes } from './move-commands.ts';

describe('makeQmSet()', () => {
  it.each([
    [
      'values and deletions',
      [
        { key: 'numa0', after: null },
        { key: 'affinity', after: '0-3' },
        { key: 'numa', after: '1' },
        { key: 'numa1', after: null },
      ],
      'qm set 100 --affinity 0-3 --numa 1 --delete numa0,numa1',
    ],
    ['values alone', [{ key: 'affinity', after: '0-3' }], 'qm set 100 --affinity 0-3'],
    ['deletions alone', [{ key: 'affinity', after: null }], 'qm set 100 --delete affinity'],
  ])('writes %s', (_, values, command) => {
    expect(makeQmSet(vmId(100), values).join(' ')).toBe(command);
  });
});

describe('makeFileEdits()', () => {
  it('deletes or replaces lines of the main section', () => {
    const edits = makeFileEdits('/etc/pve/lxc/100.conf', [
      { key: 'lxc.cgroup2.cpuset.cpus', after: null },
      { key: 'affinity', after: '0-3' },
    ]);
    expect(edits).toEqual([
      ['sed', '-i', '1,/^\\[/{/^lxc\\.cgroup2\\.cpuset\\.cpus:/d}', '/etc/pve/lxc/100.conf'],
      ['sed', '-i', '1,/^\\[/s|^affinity:.*|affinity: 0-3|', '/etc/pve/lxc/100.conf'],
    ]);
  });
});

describe('withoutHostNodes()', () => {
  it.each([
    ['cpus=0-3,memory=8192,hostnodes=0,policy=bind', 'cpus=0-3,memory=8192'],
    ['hostnodes=0,cpus=0-3', 'cpus=0-3'],
    ['0-3,xpolicy=1', '0-3,xpolicy=1'],
  ])('makes %s %s', (value, kept) => {
    expect(withoutHostNodes(value)).toBe(kept);
  });
});
