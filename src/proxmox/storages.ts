// Which storages a node has, and where their snippets lie: `/etc/pve/storage.cfg`.
import { type FileSection, parseSections, sectionValue, splitNodes } from './parse-sections.ts';

export interface Storage {
  readonly id: string;
  /** Null: every node has it. */
  readonly nodes: readonly string[] | null;
  /** The same files on all its nodes. */
  readonly shared: boolean;
  /** What it may hold: `iso`, `snippets` and so on. */
  readonly content: readonly string[];
  /** Where snippets lie; null on storages without files. */
  readonly snippets: string | null;
}

/** Their plugins mount below `/mnt/pve` unless told otherwise, and are shared by nature. */
const NETWORK_FILES = ['nfs', 'cifs', 'cephfs', 'glusterfs'];

/** Proxmox has it even where the file does not say so. */
const LOCAL: Storage = {
  ...{ id: 'local', nodes: null, shared: false },
  content: ['images', 'rootdir', 'vztmpl', 'iso', 'snippets'],
  snippets: '/var/lib/vz/snippets',
};

/** Storages that are not disabled; `text` is null where there is no such file. */
export function parseStorages(text: string | null): readonly Storage[] {
  const sections = parseSections(text ?? '');
  const storages = sections.filter(({ values }) => !values.has('disable')).map(makeStorage);
  return sections.some(({ id }) => id === 'local') ? storages : [LOCAL, ...storages];
}

function makeStorage(section: FileSection): Storage {
  const { id, type } = section;
  const isNetwork = NETWORK_FILES.includes(type ?? '');
  const nodes = sectionValue(section, 'nodes');
  const path = sectionValue(section, 'path') ?? (isNetwork ? `/mnt/pve/${id}` : null);
  const directory = /(?:^|,)snippets=([^,]+)/.exec(sectionValue(section, 'content-dirs') ?? '')?.[1] ?? 'snippets';
  return {
    id,
    nodes: nodes === null ? null : splitNodes(nodes),
    // Without the line it is a storage for disks (pve-storage, `content` of the plugins' defaults).
    content: splitNodes(sectionValue(section, 'content') ?? 'images'),
    shared: isNetwork || sectionValue(section, 'shared') === '1',
    snippets: path === null ? null : `${path}/${directory}`,
  };
}

export const hasStorage = ({ nodes }: Storage, node: string): boolean => nodes?.includes(node) ?? true;

/** The file of a snippet `STORAGE:snippets/NAME`; null when there is no such storage, or the text is no such name. */
export function snippetFile(volume: string, storages: readonly Storage[]): string | null {
  const [, id, name] = /^([\w.-]+):snippets\/([^/\s]+)$/.exec(volume) ?? [];
  const directory = storages.find(storage => storage.id === id)?.snippets ?? null;
  return directory === null || name === undefined ? null : `${directory}/${name}`;
}
