// What serves storage on this node: running Ceph daemons, by their cgroups, and ZFS pools, by their statistics.
import type { StorageLoad } from '#domain/inventory.ts';
import type { TextTree } from '#domain/text-tree.ts';

/** systemd keeps the instances of `ceph-osd@.service` in a slice of its own; the name's hyphen is written as an escape. */
export const CEPH_SLICE = '/sys/fs/cgroup/system.slice/system-ceph\\x2dosd.slice';
export const ZFS_ROOT = '/proc/spl/kstat/zfs';

export function readStorageLoad(tree: TextTree): StorageLoad {
  const daemons = tree.list(CEPH_SLICE).filter(name => /^ceph-osd@\d+\.service$/.test(name));
  // Beside the directories of the pools lie files of the module.
  const pools = tree.list(ZFS_ROOT).filter(name => tree.read(`${ZFS_ROOT}/${name}/state`) !== null);
  return { cephDaemons: daemons.length, zfsPools: pools.length };
}
