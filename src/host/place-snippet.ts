// Puts Berth's hookscript into a storage's snippets, and looks whether every other node has it, too.
import type { TextTree } from '#domain/text-tree.ts';
import { hasStorage, parseStorages, type Storage } from '#proxmox/storages.ts';
import type { Host } from './host.ts';
import { HostError } from './host-error.ts';
import { readPublishedFacts, STORAGE_PATH } from './read-node-facts.ts';

const FILE = 'berth-hook.sh';

export const snippetVolume = (storage: string): string => `${storage}:snippets/${FILE}`;

/** Ours, in any storage. */
export const isSnippetVolume = (volume: string): boolean => /^[^:]+:(.*)$/.exec(volume)?.[1] === `snippets/${FILE}`;

/**
 * Returns true when the file was written; it is the same on every node, and of no effect until a guest names it.
 * @throws HostError `refused` when the storage does not take snippets, with how to let it.
 */
export function placeSnippet(host: Host, { storage: id, node, text }: SnippetPlace): boolean {
  const { snippets } = findStorage(host, id, node);
  const path = `${snippets}/${FILE}`;
  if (host.read(path) === text) return false;
  try {
    host.replaceFile(path, text, 0o755);
  } catch (error) {
    if (!(error instanceof HostError) || error.reason !== 'missing') throw error;
    // Not made here: below a mount point that is not mounted it would be in the way.
    throw new HostError(
      'missing',
      `${snippets} is not there: \`pvesm status --storage ${id}\` mounts the storage and makes its directories. Nothing was changed`,
    );
  }
  return true;
}

export interface SnippetPlace {
  readonly storage: string;
  readonly node: string;
  /** Of the script. */
  readonly text: string;
}

/** A guest whose hookscript is missing does not start: not there either, one day. @throws HostError naming the nodes without the snippet. */
export function refuseWithoutSnippet(host: Host, { storage: id, node }: Omit<SnippetPlace, 'text'>): void {
  const storage = findStorage(host, id, node);
  const others = host.list('/etc/pve/nodes').filter(name => name !== node);
  const lacking = others.filter(name => !hasSnippet(host, storage, name));
  if (lacking.length === 0) return;
  throw new HostError(
    'refused',
    `The hookscript is not known to be on ${lacking.join(', ')}, where a guest that names it would not start: run \`berth hook install --storage ${id}\` there first, without VMIDs. Nothing was changed`,
  );
}

function hasSnippet(tree: TextTree, storage: Storage, node: string): boolean {
  if (!hasStorage(storage, node)) return false;
  return storage.shared || (readPublishedFacts(tree, node)?.snippets?.has(snippetVolume(storage.id)) ?? false);
}

function findStorage(host: Host, id: string, node: string): Storage & { readonly snippets: string } {
  const refuse = (why: string) => new HostError('refused', `${why}. Nothing was changed`);
  const storage = parseStorages(host.read(STORAGE_PATH)).find(candidate => candidate.id === id);
  if (storage === undefined) throw refuse(`There is no storage "${id}", or it is disabled`);
  if (!hasStorage(storage, node)) throw refuse(`Storage ${id} is not on node ${node}`);
  const { snippets } = storage;
  if (snippets === null) throw refuse(`Storage ${id} holds no files`);
  if (!storage.content.includes('snippets')) {
    const content = [...storage.content, 'snippets'].join(',');
    throw refuse(`Storage ${id} takes no snippets: \`pvesm set ${id} --content ${content}\` lets it`);
  }
  return { ...storage, snippets };
}
