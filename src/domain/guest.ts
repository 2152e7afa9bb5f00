// A VM or container as it is configured and, when it runs, as the kernel has it.
import type { CpuSet, NodeSet } from './id-set.ts';
import type { NumaNodeId, VcpuIndex, VmId } from './ids.ts';
import type { InterruptVector } from './interrupt.ts';

/** What makes a guest itself, so that a reused VMID is noticed; null where the config does not say. */
export interface GuestIdentity {
  readonly uuid: string | null;
  readonly vmgenid: string | null;
  readonly createdAt: string | null;
}

interface GuestConfig {
  /** The whole file, latin1: the plan shows what a rewrite by Proxmox would do to it. */
  readonly text: string;
  readonly vmid: VmId;
  readonly name: string | null;
  readonly tags: readonly string[];
  /** `/etc/pve/nodes/NODE/qemu-server/VMID.conf`, below the root. */
  readonly configPath: string;
  /** SHA-1 of the raw file, as Proxmox's own `digest`. */
  readonly digest: string;
  readonly identity: GuestIdentity;
  /**
   * Raw values in the main section, as Proxmox takes them: of a VM all, of a container that of the one key that Berth may write,
   * `lxc.cgroup2.cpuset.cpus`. Absent when unset or when Proxmox drops the line.
   */
  readonly raw: ReadonlyMap<string, string>;
  /** The same keys in [PENDING]: the new value, or null for a pending deletion. Always empty for containers. */
  readonly pending: ReadonlyMap<string, string | null>;
  readonly memoryMiB: number;
  /** The `lock` property: Proxmox refuses changes while it is set. */
  readonly lock: string | null;
  readonly template: boolean;
}

export type MemoryPolicy = 'preferred' | 'bind' | 'interleave';

/** A well-formed `numaN` line. */
export interface GuestNumaNode {
  readonly index: number;
  readonly vcpus: readonly VcpuIndex[];
  readonly memoryMiB: number | null;
  readonly hostNodes: readonly NumaNodeId[];
  readonly policy: MemoryPolicy | null;
}

export interface VmGuest extends GuestConfig {
  readonly kind: 'vm';
  readonly sockets: number;
  readonly cores: number;
  /** `sockets` × `cores`: the most that can be plugged, and what `numaN` must cover. */
  readonly vcpus: number;
  /** Plugged at start (`vcpus:`), at most `vcpus`. */
  readonly pluggedVcpus: number;
  /** Null when unset, or when Proxmox ignores the value (`affinity: 0`). */
  readonly affinity: CpuSet | null;
  readonly numa: boolean;
  readonly numaNodes: readonly GuestNumaNode[];
  /** Host nodes that QEMU is told to take memory from: none without `numa`, and of a list that Proxmox garbles what becomes of it. */
  readonly boundNodes: NodeSet;
  /** `any`, `2` or `1024` (MiB), as configured. */
  readonly hugepages: string | null;
  readonly memoryHotplug: boolean;
  /** PCI passthrough: the guest's pages are pinned and cannot be moved while it runs. */
  readonly passthrough: boolean;
  /** Passthrough devices (`hostpciN`) with the node that each is near. Absent for those of which that is not known. */
  readonly deviceNodes?: ReadonlyMap<string, NumaNodeId>;
  readonly runtime: VmRuntime | null;
}

export interface ContainerGuest extends GuestConfig {
  readonly kind: 'container';
  /** `cores:`; null means every CPU. */
  readonly cores: number | null;
  /** `lxc.cgroup2.cpuset.cpus`. */
  readonly cpuset: CpuSet | null;
  readonly runtime: ContainerRuntime | null;
}

export type Guest = VmGuest | ContainerGuest;

export type ThreadRole =
  | { readonly kind: 'vcpu'; readonly index: VcpuIndex }
  | { readonly kind: 'iothread'; readonly id: string }
  | { readonly kind: 'emulator' };

export interface GuestThread {
  readonly tid: number;
  readonly role: ThreadRole;
  /** `comm`; for people only, never a key. */
  readonly name: string;
  readonly allowed: CpuSet;
  /** Field 39 of `/proc/PID/task/TID/stat`. */
  readonly lastCpu: number;
}

/** A process outside QEMU that serves one VM: swtpm, virtiofsd, the storage daemon, before kernel 6.4 a vhost worker. */
export interface GuestHelper {
  readonly pid: number;
  readonly startTime: number;
  /** `comm`; for people only. */
  readonly name: string;
  /** All of role `emulator`: that is where they belong. */
  readonly threads: readonly GuestThread[];
}

/** A cgroup of version 2 with what `cpuset.cpus.effective` says of it. */
export interface CgroupCpus {
  /** Below `/sys/fs/cgroup`; empty for the root. */
  readonly cgroup: string;
  readonly effective: CpuSet;
}

/** What a partition is to be, and what there is of it. */
export interface PartitionContent {
  readonly cpus: CpuSet;
  /** Threads in it. */
  readonly tids: readonly number[];
}

export interface VmRuntime {
  readonly pid: number;
  /** Field 22 of `/proc/PID/stat`: with the PID it names one process for ever. */
  readonly startTime: number;
  /** Ascending by thread id. */
  readonly threads: readonly GuestThread[];
  /** Absent or empty: QEMU serves it alone. */
  readonly helpers?: readonly GuestHelper[];
  /** The cpusets above its threads, from the root's down: what each leaves of the CPUs. */
  readonly cpusets: readonly CgroupCpus[];
  /** Resident memory by host node, MiB, as its cgroup or `numa_maps` counts it; null when it could not be read. */
  readonly residentMiB: ReadonlyMap<NumaNodeId, number> | null;
  /** The cpuset partition made for its vCPU threads; absent without one. No CPUs: there is a cgroup for one, but the kernel does not keep it. */
  readonly partition?: PartitionContent;
  /** Of its passthrough devices; absent without any. */
  readonly interrupts?: readonly InterruptVector[];
  /** Set when the VM runs but QEMU did not say which thread is which: why. `threads` is then empty, and nothing may be concluded from that. */
  readonly unreadable?: string;
}

export interface ContainerRuntime {
  /** `cpuset.cpus.effective` of `/sys/fs/cgroup/lxc/VMID`. */
  readonly effective: CpuSet;
  /** `cpuset.cpus` as written; empty text means "inherit". */
  readonly cpuset: CpuSet;
}

/** A VMID that was reused for another guest has another identity. */
export function isSameGuest(a: GuestIdentity, b: GuestIdentity): boolean {
  return a.uuid === b.uuid && a.vmgenid === b.vmgenid && a.createdAt === b.createdAt;
}
