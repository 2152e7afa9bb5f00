// The addresses behind a passthrough mapping on one node, from `/etc/pve/mapping/pci.cfg`.
import { parseSections } from './parse-sections.ts';
import { type HostPci, parseHostPci } from './pci-mappings.ts';

/** Each `map` line of that node gives one set of addresses; of several sets the VM gets whichever is free when it starts. */
export function mappedDevices(text: string, name: string, node: string): readonly (readonly string[])[] {
  const lines =
    parseSections(text)
      .find(({ id }) => id === name)
      ?.values.get('map') ?? [];
  return lines.flatMap(line => {
    const property = (key: string) => new RegExp(`(?:^|,)${key}=([^,]+)`).exec(line)?.[1];
    const device = property('node') === node ? parseHostPci(property('path') ?? '') : null;
    return device === null ? [] : addressesOf(device);
  });
}

const addressesOf = (device: HostPci): readonly (readonly string[])[] =>
  device.kind === 'addresses' ? [device.addresses] : [];
