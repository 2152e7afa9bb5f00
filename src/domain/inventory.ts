// What was observed on one node at one time: machine, memory, guests, the placement in force.
import type { ConfineSupport, HostUnit, UnitWish } from './confinement.ts';
import type { Guest } from './guest.ts';
import type { LayerState } from './host-layer.ts';
import type { HostTopology } from './host-topology.ts';
import type { NumaNodeId } from './ids.ts';
import type { HostInterrupts } from './interrupt.ts';
import type { PciDevice } from './pci-device.ts';
import type { Placement } from './placement.ts';
import type { Unknown } from './text-tree.ts';

/** Memory of one node as it is now. */
export interface NodeMemory {
  readonly node: NumaNodeId;
  readonly totalMiB: number;
  readonly freeMiB: number;
  /** Free, plus page cache that the kernel would give up. */
  readonly availableMiB: number;
  /** By page size in KiB. */
  readonly hugepages: ReadonlyMap<number, { readonly total: number; readonly free: number }>;
}

/** What serves storage on this node: it needs CPUs of the host's own. */
export interface StorageLoad {
  /** Ceph OSDs that run. */
  readonly cephDaemons: number;
  readonly zfsPools: number;
}

/** Whether the kernel can give threads of one guest a cpuset partition, and whether that is trusted there. */
export type PartitionSupport = 'trusted' | 'no-cgroup2' | 'no-remote-partitions' | 'old-kernel';

/** Whether this node's Proxmox knows the key `allow-ksm` of a VM's config; `not-told`: its version is not to be found. */
export type KsmKeySupport = 'known' | 'older' | 'not-told';

export interface Inventory {
  /** The Proxmox node name. */
  readonly node: string;
  /** True when read from another tree than the live host's. */
  readonly simulated: boolean;
  readonly topology: HostTopology;
  readonly memory: readonly NodeMemory[];
  /** Ascending by VMID. */
  readonly guests: readonly Guest[];
  readonly placement: Placement | null;
  /** Absent when it is not known, as of another node. */
  readonly storage?: StorageLoad;
  /** What its network cards can carry by their links, in Mbit/s. Absent when it is not known. */
  readonly networkMbit?: number;
  /** Absent when it was not asked for. */
  readonly ksmKey?: KsmKeySupport;
  /** Absent when it was not asked for. */
  readonly partitions?: PartitionSupport;
  /** What else runs on the host, and how it could be kept off CPUs. Absent when it was not asked for. */
  readonly units?: readonly HostUnit[];
  readonly unitWishes?: readonly UnitWish[];
  readonly confine?: ConfineSupport;
  /** Ascending by address. Absent when they were not asked for. */
  readonly pciDevices?: readonly PciDevice[];
  /** Absent when nothing is to be done about them. */
  readonly interrupts?: HostInterrupts;
  /** Absent when there is nothing to be done about them either. */
  readonly layers?: LayerState;
  readonly unknown: readonly Unknown[];
}
