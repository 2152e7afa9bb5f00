// Branded numbers, so that a CPU, a core, a NUMA node and a guest can never be mistaken for each other.

declare const brand: unique symbol;
type Branded<Name extends string> = number & { readonly [brand]: Name };

/** Linux logical CPU: N of `/sys/devices/system/cpu/cpuN`. */
export type CpuId = Branded<'CpuId'>;
/** A core, named by its lowest CPU: the kernel's `core_id` is not unique across packages. */
export type CoreId = Branded<'CoreId'>;
/** A last-level-cache domain, named by its lowest CPU. */
export type LlcId = Branded<'LlcId'>;
/** `physical_package_id`. */
export type PackageId = Branded<'PackageId'>;
/** N of `/sys/devices/system/node/nodeN`; may be sparse. */
export type NumaNodeId = Branded<'NumaNodeId'>;
/** Proxmox guest number, of VMs and containers alike. */
export type VmId = Branded<'VmId'>;
/** Number of a vCPU inside its guest, from 0. */
export type VcpuIndex = Branded<'VcpuIndex'>;

export const cpuId = (n: number): CpuId => n as CpuId;
export const coreId = (n: number): CoreId => n as CoreId;
export const llcId = (n: number): LlcId => n as LlcId;
export const packageId = (n: number): PackageId => n as PackageId;
export const numaNodeId = (n: number): NumaNodeId => n as NumaNodeId;
export const vmId = (n: number): VmId => n as VmId;
export const vcpuIndex = (n: number): VcpuIndex => n as VcpuIndex;
