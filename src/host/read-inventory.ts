// Reads everything that a plan is made from: the machine, its memory, the guests of this node and how they run.
import type { ContainerGuest, Guest, VmGuest } from '#domain/guest.ts';
import { LAYERS, type LayerName } from '#domain/host-layer.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { Unknown } from '#domain/text-tree.ts';
import { parseContainerGuest } from '#proxmox/parse-container-guest.ts';
import { parseVmGuest } from '#proxmox/parse-vm-guest.ts';
import { parseNodeMemory } from '#topology/parse-node-memory.ts';
import { parsePciDevices } from '#topology/parse-pci-devices.ts';
import { parseTopology } from '#topology/parse-topology.ts';
import type { Host } from './host.ts';
import { HostError } from './host-error.ts';
import { readConfineSupport, readHostUnits, readUnitWishes } from './host-units.ts';
import { mapBounded } from './map-bounded.ts';
import { readPartitionSupport } from './partition-support.ts';
import { qmpSocketPath } from './query-vm-threads.ts';
import { readContainerRuntime } from './read-container-runtime.ts';
import { readDeviceNodes } from './read-device-nodes.ts';
import { readGuestConfigs } from './read-guest-configs.ts';
import { cgroupOf, readGuestMemory } from './read-guest-memory.ts';
import { readHostInterrupts } from './read-interrupts.ts';
import { readKsmKeySupport } from './read-ksm-key-support.ts';
import { readLayers } from './read-layers.ts';
import { readNetworkMbit } from './read-network-load.ts';
import { readNodeName } from './read-node-name.ts';
import { readPlacement } from './read-placement.ts';
import { readStorageLoad } from './read-storage-load.ts';
import { readVmRuntime } from './read-vm-runtime.ts';
import { readVmProcess } from './vm-process.ts';

export interface InventoryOptions {
  /** Also read where each running VM's memory is, from its cgroup, or where that does not count it by a walk over all pages. Default false: `residentMiB` stays null. */
  readonly residentMemory?: boolean;
  /** Also read the PCI devices and the nodes that they are near. Default false: `pciDevices` is absent. */
  readonly pciDevices?: boolean;
  /** Also read every unit file, for CPUs that services ask for. Default false: `unitWishes` is absent. */
  readonly unitWishes?: boolean;
  /** Also read the interrupts of the host's devices. Always done where the placement in force moves them; else `interrupts` is absent. */
  readonly interrupts?: boolean;
  /** Also read whether VMs can be kept from being merged. Default false: `ksmKey` is absent. */
  readonly ksmKey?: boolean;
  /**
   * Also read the settings of these host layers. Always done for those of the placement in force, and where something is not as it was
   * found; where there is nothing of all that `layers` is absent.
   */
  readonly layers?: ReadonlySet<LayerName>;
}

/** A guest as its config alone describes it. */
type Configured<AnyGuest extends Guest> = Omit<AnyGuest, 'runtime'>;

/** QEMU answers within milliseconds; asking many at once would only disturb the guests. */
const VMS_AT_ONCE = 8;

/**
 * Reads once; nothing is kept open. What could not be read without spoiling the rest is in `unknown`.
 * @throws HostError for files that exist and cannot be read, ParseError for texts on which everything depends.
 */
export async function readInventory(host: Host, options: InventoryOptions = {}): Promise<Inventory> {
  const node = readNodeName(host);
  const topology = parseTopology(host);
  const memory = parseNodeMemory(host, topology);
  const pci = options.pciDevices === true ? parsePciDevices(host, topology) : null;
  const configuredVms = readGuestConfigs(host, `/etc/pve/nodes/${node}/qemu-server`, parseVmGuest);
  const configuredContainers = readGuestConfigs(host, `/etc/pve/nodes/${node}/lxc`, parseContainerGuest);
  const located = configuredVms.guests.map(vm => withDeviceNodes(host, node, vm));
  const vms = await mapBounded(located, VMS_AT_ONCE, vm => withVmRuntime(host, vm, options));
  const placement = readPlacement(host, node);
  const wantsInterrupts = options.interrupts === true || placement?.interrupts === 'move';
  const inForce = LAYERS.filter(layer => placement?.layers?.[layer] !== undefined);
  const asked = new Set([...inForce, ...(options.layers ?? [])]);
  const layers = readLayers(host, asked);
  const networkMbit = readNetworkMbit(host);
  const containers = configuredContainers.guests.map(container => withContainerRuntime(host, container));
  return {
    node,
    simulated: host.simulated,
    topology,
    memory: memory.memory,
    guests: [...vms, ...containers].sort((a, b) => a.vmid - b.vmid),
    placement,
    storage: readStorageLoad(host),
    ...(networkMbit !== null && { networkMbit }),
    partitions: readPartitionSupport(host),
    ...(options.ksmKey === true && { ksmKey: readKsmKeySupport(host) }),
    confine: readConfineSupport(host),
    units: readHostUnits(host),
    ...(options.unitWishes === true && { unitWishes: readUnitWishes(host) }),
    ...(pci && { pciDevices: pci.devices }),
    ...(layers.settings.length + asked.size > 0 && { layers }),
    ...(wantsInterrupts && { interrupts: readHostInterrupts(host, vms) }),
    unknown: [
      ...topology.unknown,
      ...memory.unknown,
      ...(pci?.unknown ?? []),
      ...unknownBecauseOfHost(host, containers),
      ...configuredVms.unknown,
      ...configuredContainers.unknown,
      ...vms.flatMap(unreadableRuntime),
    ],
  };
}

function withDeviceNodes(host: Host, node: string, vm: Configured<VmGuest>): Configured<VmGuest> {
  const deviceNodes = readDeviceNodes(host, node, vm);
  return deviceNodes.size === 0 ? vm : { ...vm, deviceNodes };
}

async function withVmRuntime(
  host: Host,
  vm: Configured<VmGuest>,
  { residentMemory = false }: InventoryOptions,
): Promise<VmGuest> {
  const runtime = await readRuntimeOrReason(host, vm);
  if (runtime === null || !residentMemory) return { ...vm, runtime };
  const { pid } = runtime;
  const question = { pid, cgroup: cgroupOf(host, vm.vmid, pid), hugepages: vm.hugepages !== null };
  return { ...vm, runtime: { ...runtime, residentMiB: readGuestMemory(host, question, [])?.residentMiB ?? null } };
}

/** A VM whose QEMU is silent still runs: taking it for stopped would give its CPUs away. */
async function readRuntimeOrReason(host: Host, { vmid }: Configured<VmGuest>): Promise<VmGuest['runtime']> {
  try {
    return await readVmRuntime(host, vmid);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const process = readVmProcess(host, vmid);
    return process && { ...process, threads: [], cpusets: [], residentMiB: null, unreadable: error.message };
  }
}

function withContainerRuntime(host: Host, container: Configured<ContainerGuest>): ContainerGuest {
  return { ...container, runtime: readContainerRuntime(host, container.vmid) };
}

function unreadableRuntime({ vmid, runtime }: VmGuest): readonly Unknown[] {
  return runtime?.unreadable === undefined ? [] : [{ path: qmpSocketPath(vmid), reason: runtime.unreadable }];
}

function unknownBecauseOfHost(host: Host, containers: readonly ContainerGuest[]): readonly Unknown[] {
  const unknown: Unknown[] = [];
  // With Proxmox the directory is never empty, not even on a new node.
  if (host.list('/etc/pve').length === 0) {
    unknown.push({ path: '/etc/pve', reason: 'there is no Proxmox VE configuration here, so no guests are known' });
  }
  if (containers.length > 0 && host.read('/sys/fs/cgroup/cgroup.controllers') === null) {
    unknown.push({ path: '/sys/fs/cgroup', reason: 'not cgroup version 2, so it is not known which containers run' });
  }
  return unknown;
}
