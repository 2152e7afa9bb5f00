// The seam between deciding and doing: everything Berth sees of a node, or does to it, goes through this.
import type { CpuSet } from '#domain/id-set.ts';
import type { NumaNodeId, VcpuIndex, VmId } from '#domain/ids.ts';
import type { TextTree } from '#domain/text-tree.ts';

/** Thread ids of a running VM, as QEMU itself names them. */
export interface VmThreadIds {
  readonly vcpus: ReadonlyArray<{ readonly index: VcpuIndex; readonly tid: number }>;
  readonly iothreads: ReadonlyArray<{ readonly id: string; readonly tid: number }>;
}

export interface Host extends TextTree {
  /** `/` for the live host, else the directory that holds the captured one. */
  readonly root: string;
  /** True for every root but `/`: pins go to the tree's own `proc/PID/task/TID/status`. */
  readonly simulated: boolean;

  /**
   * Asks QEMU (QMP `query-cpus-fast`, `query-iothreads`) which threads a VM has; closes the connection at once, because QEMU serves one client at a time.
   * On a captured tree: the recorded answers in `run/qemu-server/VMID.qmp.json`.
   * @throws HostError when nothing answers in time.
   */
  queryVmThreads(vmid: VmId): Promise<VmThreadIds>;

  /** `sched_getaffinity`: online CPUs only. Null when the thread has ended. A tenth of the cost of reading its status file. */
  threadAffinity(thread: { readonly pid: number; readonly tid: number }): CpuSet | null;

  /** `sched_setaffinity`. @throws HostError `gone` when the thread has ended, `refused` when the kernel allows none of the CPUs. */
  setThreadAffinity(thread: { readonly pid: number; readonly tid: number }, cpus: CpuSet): void;

  /**
   * `move_pages` without targets: for each address the node of its page, or a negative errno (`-ENOENT`, `-EFAULT`: there is none). Quick,
   * whatever the size of the process. @throws HostError `gone` when the process has ended, `denied` without the right.
   */
  pageNodes(pid: number, addresses: readonly number[]): readonly number[];

  /**
   * `move_pages`: asks the kernel to move these pages to a node. It stops where it cannot go on, so `pageNodes` has to say what came of it;
   * the answer is what it had to say of each: a node, a negative errno, null for nothing.
   * @throws HostError as for `pageNodes`; `full` when the node has no room.
   */
  movePages(pid: number, addresses: readonly number[], node: NumaNodeId): ReadonlyArray<number | null>;

  /** Replaces a file's content at once (temporary file, fsync, rename), or removes it when `text` is null. Never follows a symlink out of the root. */
  replaceFile(path: string, text: string | null, mode?: number): void;

  /**
   * Writes to a file of the kernel (cgroup, sysfs), in place; the kernel's refusal is a HostError.
   * On a captured tree a cgroup's `cpuset.cpus` also changes its `cpuset.cpus.effective`.
   */
  writeKernelFile(path: string, text: string): void;

  /**
   * Lets a systemd unit run on these CPUs until the next boot (`systemctl set-property --runtime`); null takes that back, and leaves it with those
   * of `configured`. What is no unit has its cgroup's cpuset written. @throws HostError with what systemd, or the kernel, says.
   */
  setUnitCpus(unit: string, cpus: CpuSet | null, configured: CpuSet): void;

  /** Makes a cgroup below one that is there. @throws HostError as the kernel refuses it. */
  makeCgroup(path: string): void;

  /** Removes a cgroup without threads. @throws HostError `busy` while it has some. */
  removeCgroup(path: string): void;
}
