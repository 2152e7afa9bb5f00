// Ceph daemons and ZFS pools, as their kernel files show them.
import { describe, expect, it } from 'vitest';
import { makeTemporaryTree } from '#fixtures/temporary-tree.ts';
import { openHost } from './open-host.ts';
import { readStorageLoad } from './read-storage-load.ts';

const loadOf = (files: Record<string, string>) => readStorageLoad(openHost(makeTemporaryTree(files)));
const SLICE = 'sys/fs/cgroup/system.slice/system-ceph\\x2dosd.slice';

describe('readStorageLoad()', () => {
  it('counts nothing where there is nothing', () => {
    expect(loadOf({})).toEqual({ cephDaemons: 0, zfsPools: 0 });
  });

  it('counts the daemons that run', () => {
    const files = {
      [`${SLICE}/cgroup.controllers`]: 'cpu\n',
      [`${SLICE}/ceph-osd@0.service/cgroup.controllers`]: '',
      [`${SLICE}/ceph-osd@12.service/cgroup.controllers`]: '',
      'sys/fs/cgroup/system.slice/ceph-mon@pve.service/cgroup.controllers': '',
    };
    expect(loadOf(files)).toEqual({ cephDaemons: 2, zfsPools: 0 });
  });

  it('counts the pools, and no other file of ZFS', () => {
    const files = {
      'proc/spl/kstat/zfs/arcstats': '9 1\n',
      'proc/spl/kstat/zfs/rpool/state': 'ONLINE\n',
      'proc/spl/kstat/zfs/tank/state': 'DEGRADED\n',
    };
    expect(loadOf(files)).toEqual({ cephDaemons: 0, zfsPools: 2 });
  });
});
