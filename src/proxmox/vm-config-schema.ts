// Which keys a VM config may hold, and of which kind their values are.
import type { ValueKind } from './config-value.ts';
import { MAX_NUMA_NODES } from './numa-line.ts';

export interface VmConfigSchema {
  /** Undefined for a key that Proxmox does not know: it drops such lines. */
  valueKind(key: string): ValueKind | undefined;
  /** Whether Proxmox keeps `[special:cloudinit]` of a VM with these values. */
  keepsCloudInit(values: ReadonlyMap<string, string>): boolean;
}

const KEYS: Readonly<Partial<Record<ValueKind, string>>> = {
  boolean: `acpi allow-ksm autostart ciupgrade freeze keephugepages kvm localtime numa onboot protection reboot tablet tdf template`,
  integer: `balloon cores cpuunits migrate_speed shares smp snaptime sockets vcpus`,
  number: `cpulimit migrate_downtime`,
  text: `arch args bios cipassword citype ciuser description hugepages keyboard lock ostype runningcpu running-nets-host-mtu
    scsihw searchdomain startdate vmgenid`,
  unchecked: `agent amd-sev audio0 boot bootdisk cdrom cicustom cpu efidisk0 hookscript intel-tdx ivshmem machine meta nameserver parent
    rng0 runningmachine smbios1 spice_enhancements sshkeys startup tags tpmstate0 vga vmstate vmstatestorage watchdog`,
  cpuset: 'affinity',
  memory: 'memory',
  hotplug: 'hotplug',
  'dns-name': 'name',
};

/** Families of numbered keys: their count and kind. */
const NUMBERED: Readonly<Record<string, readonly [count: number, kind: ValueKind]>> = {
  hostpci: [16, 'unchecked'],
  ide: [4, 'unchecked'],
  ipconfig: [32, 'unchecked'],
  net: [32, 'unchecked'],
  numa: [MAX_NUMA_NODES, 'numa-node'],
  parallel: [3, 'text'],
  sata: [6, 'unchecked'],
  scsi: [31, 'unchecked'],
  serial: [4, 'text'],
  unused: [256, 'unchecked'],
  usb: [14, 'unchecked'],
  virtio: [16, 'unchecked'],
  virtiofs: [10, 'unchecked'],
};

const KIND_OF_KEY: ReadonlyMap<string, ValueKind> = new Map([
  ...Object.entries(KEYS).flatMap(([kind, keys]) => keys.split(/\s+/).map(key => [key, kind as ValueKind] as const)),
  ...Object.entries(NUMBERED).flatMap(([family, [count, kind]]) =>
    Array.from({ length: count }, (_, index) => [`${family}${index}`, kind] as const),
  ),
]);

const DRIVE_KEY = /^(ide|sata|scsi|virtio|efidisk|tpmstate)\d+$/;

/**
 * The keys of qemu-server 9.2 (`$confdesc` in its `PVE/QemuServer.pm`). Older versions know fewer: on them a line may be dropped that is kept here.
 * Formats of disks, networks and the like are not judged: a value that only its own format forbids counts as kept.
 */
export const VM_CONFIG_SCHEMA: VmConfigSchema = {
  valueKind: key => KIND_OF_KEY.get(key),
  keepsCloudInit: values => driveVolumes(values).some(volume => /[:/](vm-\d+-)?cloudinit(\.\w+)?$/.test(volume)),
};

/** The volumes that the disks, CD drives and firmware stores of a VM use: `local-lvm:vm-100-disk-0`. */
export function driveVolumes(values: ReadonlyMap<string, string>): readonly string[] {
  return [...values].flatMap(([key, value]) => {
    const parts = DRIVE_KEY.test(key) ? value.split(',') : [];
    return parts.flatMap(part => /^(?:(?:file|volume)=)?([^=]+)$/.exec(part)?.[1] ?? []).slice(0, 1);
  });
}
