// The cluster's sectioned files without names: storages, high availability, device mappings.
import type { NameKind, Pseudonyms } from './pseudonyms.ts';

type Redact = (value: string, names: Pseudonyms) => string;

export interface SectionRedaction {
  /** Of what the id of a section is the name; null for one that is a number. */
  readonly id: NameKind | null;
  /** Keys that stay, with what becomes of their values; lines with others become empty. */
  readonly keys: Readonly<Record<string, Redact>>;
}

const same: Redact = value => (/^[\w.,:;=+-]*$/.test(value) ? value : '');
const nodes: Redact = (value, names) =>
  value.replaceAll(/[^\s,;:]+(?=(:\d+)?([\s,;]|$))/g, name => nodeName(name, names));

/** Every installation has these. */
const COMMON_STORAGE = /^local(-lvm|-zfs|-btrfs)?$/;

export const storageName = (id: string, names: Pseudonyms): string =>
  COMMON_STORAGE.test(id) ? id : names.of('storage', id);

/** Numbers between separators are priorities. */
const nodeName = (name: string, names: Pseudonyms): string => (/^\d+$/.test(name) ? name : names.of('node', name));

/** Where it is mounted, if that says which storage it is; another path stays a path that nobody has. */
const path: Redact = (value, names) => {
  const mounted = /^\/mnt\/pve\/([^/]+)$/.exec(value)?.[1];
  if (mounted !== undefined) return `/mnt/pve/${storageName(mounted, names)}`;
  return value === '/var/lib/vz' ? value : '/mnt/redacted';
};

export const STORAGE_SECTIONS: SectionRedaction = {
  id: 'storage',
  keys: { path, nodes, content: same, shared: same, disable: same },
};

export const HA_RESOURCE_SECTIONS: SectionRedaction = {
  id: null,
  keys: {
    ...{ state: same, failback: same, max_restart: same, max_relocate: same, 'auto-rebalance': same },
    group: (value, names) => names.of('rule', value),
  },
};

export const HA_RULE_SECTIONS: SectionRedaction = {
  id: 'rule',
  keys: { nodes, resources: same, strict: same, disable: same, affinity: same, restricted: same, nofailback: same },
};

/** Jobs, called by guest and number: `local: 101-0`. */
export const REPLICATION_SECTIONS: SectionRedaction = {
  id: null,
  keys: { target: nodes, disable: same },
};

export const PCI_MAPPING_SECTIONS: SectionRedaction = {
  id: 'mapping',
  keys: {
    'live-migration-capable': same,
    map: (value, names) => {
      const parts = value.split(',').filter(part => /^(id|node|path|iommugroup)=[\w.:;-]+$/.test(part));
      return parts.map(part => part.replace(/^node=(.*)$/, (_, node) => `node=${nodeName(node, names)}`)).join(',');
    },
  },
};

/** Line for line. */
export function redactSections(text: string, names: Pseudonyms, { id, keys }: SectionRedaction): string {
  const redactLine = (line: string): string => {
    if (line.startsWith('#')) return '';
    const [, type = '', name] = /^([\w-]+:\s*)?(\S+)\s*$/.exec(line) ?? [];
    if (name !== undefined) return `${type}${redactId(name, id, names)}`;
    const [, indent = '', key = '', space = '', value = ''] = /^(\s+)(\S+)(\s*)(.*?)\s*$/.exec(line) ?? [];
    const redact = Object.hasOwn(keys, key) ? keys[key] : undefined;
    return redact === undefined ? '' : `${indent}${key}${space}${redact(value, names)}`;
  };
  return text.split('\n').map(redactLine).join('\n');
}

function redactId(name: string, kind: NameKind | null, names: Pseudonyms): string {
  if (kind === null) return /^\d+(-\d+)?$/.test(name) ? name : '0';
  return kind === 'storage' ? storageName(name, names) : names.of(kind, name);
}
