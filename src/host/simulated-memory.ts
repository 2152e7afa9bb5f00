// Pages of the processes of a captured tree, counted in its `numa_maps`: a mapping's pages lie in the order in which its line names their nodes.
import type { NumaNodeId } from '#domain/ids.ts';
import type { MemoryMapping } from '#domain/memory-move.ts';
import { parseMemoryMappings } from '#topology/parse-memory-mappings.ts';
import { HostError } from './host-error.ts';
import { readText } from './read-files.ts';
import { replaceFile } from './replace-file.ts';

/** ENOENT: no page is there. */
const NO_PAGE = -2;

export interface SimulatedMove {
  readonly pid: number;
  readonly addresses: readonly number[];
  readonly node: NumaNodeId;
}

export function simulatedPageNodes(root: string, pid: number, addresses: readonly number[]): readonly number[] {
  const { mappings } = readNumaMaps(root, pid);
  return addresses.map(address => find(mappings, address)?.node ?? NO_PAGE);
}

export function moveSimulatedPages(root: string, { pid, addresses, node }: SimulatedMove): readonly number[] {
  const { text, mappings } = readNumaMaps(root, pid);
  const counts = new Map(mappings.map(({ start, pages }) => [start, new Map(pages)]));
  const status = addresses.map(address => {
    const found = find(mappings, address);
    if (found === null) return NO_PAGE;
    const count = counts.get(found.start);
    count?.set(found.node, (count.get(found.node) ?? 0) - 1);
    count?.set(node, (count.get(node) ?? 0) + 1);
    return node;
  });
  const lines = text.split('\n').map(line => {
    const count = counts.get(Number.parseInt(line, 16));
    return count === undefined ? line : line.replace(/(?: N\d+=\d+)+/, encodeCounts(count, node));
  });
  replaceFile(root, { path: numaMapsPath(pid), text: lines.join('\n') });
  return status;
}

const numaMapsPath = (pid: number): string => `/proc/${pid}/numa_maps`;

function readNumaMaps(root: string, pid: number): { text: string; mappings: readonly MemoryMapping[] } {
  const text = readText(root, numaMapsPath(pid));
  if (text === null) throw new HostError('gone', `Cannot ask where memory of process ${pid} is: it has ended`);
  return { text, mappings: parseMemoryMappings(text, null) };
}

function find(mappings: readonly MemoryMapping[], address: number): { start: number; node: NumaNodeId } | null {
  const mapping = mappings.find(({ start, end }) => address >= start && address < end);
  if (mapping === undefined) return null;
  let index = Math.floor((address - mapping.start) / (mapping.pageKiB * 1024));
  for (const [node, count] of mapping.pages) {
    if (index < count) return { start: mapping.start, node };
    index -= count;
  }
  return null;
}

/** Pages that have moved lie before those that have not, as they do for whoever goes through a mapping. */
function encodeCounts(counts: ReadonlyMap<NumaNodeId, number>, first: NumaNodeId): string {
  const words = [...counts]
    .filter(([, count]) => count > 0)
    .sort(([a], [b]) => Number(b === first) - Number(a === first))
    .map(([node, count]) => ` N${node}=${count}`);
  return words.join('');
}
