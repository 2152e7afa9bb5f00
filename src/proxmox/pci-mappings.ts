// Passthrough by name: which nodes a resource mapping has a device on, from `/etc/pve/mapping/pci.cfg`.
import { parseSections, sectionValue } from './parse-sections.ts';

export interface PciMapping {
  readonly nodes: ReadonlySet<string>;
  /** A running guest may take it along. */
  readonly liveMigration: boolean;
}

/** Name → mapping; each `map` line is `id=10de:2204,node=pve1,path=0000:01:00.0,…`. */
export function parsePciMappings(text: string | null): ReadonlyMap<string, PciMapping> {
  return new Map(
    parseSections(text ?? '').map(section => {
      const lines = section.values.get('map') ?? [];
      const nodes = new Set(lines.flatMap(line => /(?:^|,)node=([^,]+)/.exec(line)?.[1] ?? []));
      return [section.id, { nodes, liveMigration: sectionValue(section, 'live-migration-capable') === '1' }];
    }),
  );
}

/** A `hostpciN` value: a mapping's name, or raw addresses. `01:00` stands for all functions of a device. */
export type HostPci =
  | { readonly kind: 'mapping'; readonly name: string }
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] };

/** Null when it names no device. The first part without a key is `host`; several addresses are joined by `;`. */
export function parseHostPci(value: string): HostPci | null {
  const parts = value.split(',');
  const property = (key: string) => parts.find(part => part.startsWith(`${key}=`))?.slice(key.length + 1);
  const name = property('mapping');
  if (name !== undefined) return { kind: 'mapping', name };
  const host = property('host') ?? parts.find(part => !part.includes('='));
  const addresses = (host ?? '')
    .split(';')
    .filter(address => address !== '')
    .map(fullAddress);
  return addresses.length === 0 ? null : { kind: 'addresses', addresses };
}

/** With its domain, as the kernel writes it. */
const fullAddress = (address: string): string => {
  const lower = address.toLowerCase();
  return /^[0-9a-f]{4,}:[0-9a-f]{2}:/.test(lower) ? lower : `0000:${lower}`;
};
