// PCI devices with the node that each is near: `/sys/bus/pci/devices` (`Documentation/ABI/testing/sysfs-bus-pci`).
import { ParseError } from '#domain/errors.ts';
import type { HostTopology } from '#domain/host-topology.ts';
import { numaNodeId } from '#domain/ids.ts';
import type { PciDevice } from '#domain/pci-device.ts';
import type { TextTree, Unknown } from '#domain/text-tree.ts';
import { SysfsReader } from './sysfs-reader.ts';

export const PCI_ROOT = '/sys/bus/pci/devices';

const ADDRESS = /^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/;

/** Ascending by address. @throws ParseError naming the file, when a file's text is malformed or cut off. */
export function parsePciDevices(
  tree: TextTree,
  { online }: HostTopology,
): { readonly devices: readonly PciDevice[]; readonly unknown: readonly Unknown[] } {
  const reader = new SysfsReader(tree);
  const driverless: string[] = [];
  const devices = reader.list(PCI_ROOT).flatMap(address => {
    if (!ADDRESS.test(address)) return [];
    const path = `${PCI_ROOT}/${address}`;
    const pciClass = reader.parse(`${path}/class`, text => parseHex(text, 6));
    const vendor = reader.parse(`${path}/vendor`, text => parseHex(text, 4));
    const device = reader.parse(`${path}/device`, text => parseHex(text, 4));
    // Unplugged since the directory was listed, or a device of which nothing was captured.
    if (pciClass === null || vendor === null || device === null) return [];
    const uevent = reader.text(`${path}/uevent`);
    if (uevent === null) driverless.push(address);
    const node = reader.integer(`${path}/numa_node`) ?? -1;
    return [
      {
        address,
        class: pciClass,
        vendor,
        device,
        driver: parseDriver(uevent ?? ''),
        node: node < 0 ? null : numaNodeId(node),
        localCpus: reader.firstCpuSet(path, ['local_cpulist', 'local_cpus'])?.intersection(online) ?? null,
      },
    ];
  });
  const [first] = driverless;
  if (first !== undefined) {
    const others = driverless.length === 1 ? '' : ` and ${driverless.length - 1} more`;
    reader.note(`${PCI_ROOT}/${first}/uevent`, `not there: the driver of this device${others} is not known`);
  }
  return { devices, unknown: reader.unknown };
}

/** `0x020000` → `020000`. */
function parseHex(text: string, digits: number): string {
  const hex = /^0x([0-9a-f]+)\n?$/i.exec(text)?.[1]?.toLowerCase();
  if (hex?.length !== digits) {
    throw new ParseError(`Cannot parse "${text.trimEnd()}": expected 0x and ${digits} hex digits`);
  }
  return hex;
}

/** The line `DRIVER=vfio-pci`: it says what the link `driver` says, to readers that see texts only. */
const parseDriver = (uevent: string): string | null => /^DRIVER=(\S+)$/m.exec(uevent)?.[1] ?? null;
