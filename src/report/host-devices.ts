// PCI devices by node in a few words: those that guests or the host's own work depend on.
import type { NumaNodeId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { PciDevice } from '#domain/pci-device.ts';
import { printable } from './printable.ts';

/** By the first digits of the class code. Bridges, timers and the like are on every board and are left out. */
const SHOWN: readonly (readonly [classPrefix: string, word: string])[] = [
  ['01', 'storage'],
  ['02', 'network'],
  ['03', 'display'],
  ['04', 'multimedia'],
  ['0b4', 'co-processor'],
  ['0c03', 'USB'],
  ['10', 'encryption'],
  ['12', 'accelerator'],
];

/** Virtual functions come in dozens. */
const MOST_ADDRESSES = 3;

export interface NodeDevices {
  /** Null where the firmware does not say. */
  readonly node: NumaNodeId | null;
  /** `network i40e 0000:81:00.0, 0000:81:00.1`. */
  readonly groups: readonly string[];
}

/** Ascending by node, those without one last; empty when there are none, or when they were not looked for. */
export function makeNodeDevices({ pciDevices = [] }: Inventory): readonly NodeDevices[] {
  const shown = pciDevices.filter(device => wordFor(device) !== null);
  const nodes = [...new Set(shown.map(({ node }) => node))].sort((a, b) => (a ?? Infinity) - (b ?? Infinity));
  return nodes.map(node => ({ node, groups: renderGroups(shown.filter(device => device.node === node)) }));
}

const wordFor = ({ class: code }: PciDevice): string | null =>
  SHOWN.find(([prefix]) => code.startsWith(prefix))?.[1] ?? null;

/** Devices of one sort with one driver stand together, in the order of their addresses. */
function renderGroups(devices: readonly PciDevice[]): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const device of devices) {
    const title = [wordFor(device), ...(device.driver === null ? [] : [printable(device.driver)])].join(' ');
    groups.set(title, [...(groups.get(title) ?? []), device.address]);
  }
  return [...groups].map(([title, addresses]) => {
    const more = addresses.length - MOST_ADDRESSES;
    const named = addresses.slice(0, MOST_ADDRESSES).join(', ');
    return `${title} ${named}${more > 0 ? ` and ${more} more` : ''}`;
  });
}
