// Whether the kernel can give threads of one VM a cpuset partition, and whether that is trusted there.
import type { PartitionSupport } from '#domain/inventory.ts';
import type { TextTree } from '#domain/text-tree.ts';

/** Partitions that came and went on 6.8 kernels have been blamed for hung workers; since then their code was reworked more than once. */
const TRUSTED_SINCE: readonly [major: number, minor: number] = [6, 12];

export function readPartitionSupport(host: TextTree): PartitionSupport {
  const controllers = (host.read('/sys/fs/cgroup/cgroup.controllers') ?? '').split(/\s+/);
  if (!controllers.includes('cpuset')) return 'no-cgroup2';
  // Came with partitions whose parent is none (kernel 6.7, Documentation/admin-guide/cgroup-v2.rst).
  if (host.read('/sys/fs/cgroup/cpuset.cpus.isolated') === null) return 'no-remote-partitions';
  const [, major = 0, minor = 0] =
    /^(\d+)\.(\d+)/.exec(host.read('/proc/sys/kernel/osrelease') ?? '')?.map(Number) ?? [];
  const isTrusted = major > TRUSTED_SINCE[0] || (major === TRUSTED_SINCE[0] && minor >= TRUSTED_SINCE[1]);
  return isTrusted ? 'trusted' : 'old-kernel';
}
