// Moves some pages of a process to a node, as far as the kernel can, and says why the others stayed.
import { constants } from 'node:os';
import type { NumaNodeId } from '#domain/ids.ts';
import type { StayCause } from '#domain/memory-move.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';

export interface Piece {
  readonly pid: number;
  readonly pageBytes: number;
  /** Ascending. */
  readonly addresses: readonly number[];
  readonly node: NumaNodeId;
}

export interface MovedPages {
  readonly moved: number;
  readonly stayed: ReadonlyMap<StayCause, number>;
}

/** Of a transparent huge page. */
const BLOCK_BYTES = 2 * 1024 * 1024;

/**
 * Three attempts, each with what the one before it left, because the kernel ends a call at the first page, or batch of pages, that it cannot move:
 * 1. one page of each block of 2 MiB: of a huge page it moves the whole;
 * 2. all of the rest in one call;
 * 3. block by block, so that one that is held keeps no other.
 */
export function movePiece(host: Host, { pid, pageBytes, addresses, node }: Piece): MovedPages {
  const statuses = new Map<number, number | null>();
  let isFull = false;
  const attempt = (some: readonly number[]) => {
    if (some.length === 0 || isFull) return;
    try {
      const answer = host.movePages(pid, some, node);
      for (const [index, address] of some.entries()) statuses.set(address, answer[index] ?? null);
    } catch (error) {
      if (!(error instanceof HostError) || error.reason !== 'full') throw error;
      isFull = true;
    }
  };
  const remaining = (of: readonly number[]) => {
    const nodes = host.pageNodes(pid, of);
    return of.filter((_, index) => (nodes[index] ?? -1) >= 0 && nodes[index] !== node);
  };

  if (pageBytes < BLOCK_BYTES) attempt([...blocksOf(addresses).values()].flatMap(([first]) => first ?? []));
  attempt(remaining(addresses));
  const left = remaining(addresses);
  for (const block of blocksOf(left).values()) attempt(block);
  const stayed = new Map<StayCause, number>();
  const final = left.length === 0 ? [] : remaining(left);
  for (const address of final) {
    const cause = isFull ? 'no-room' : causeOf(statuses.get(address) ?? null);
    stayed.set(cause, (stayed.get(cause) ?? 0) + 1);
  }
  return { moved: addresses.length - final.length, stayed };
}

function blocksOf(addresses: readonly number[]): ReadonlyMap<number, readonly number[]> {
  const blocks = new Map<number, number[]>();
  for (const address of addresses) {
    const block = Math.floor(address / BLOCK_BYTES);
    const others = blocks.get(block);
    if (others === undefined) blocks.set(block, [address]);
    else others.push(address);
  }
  return blocks;
}

/** Of pages that it tried and could not move, the kernel says nothing: somebody holds a reference. */
const causeOf = (status: number | null): StayCause => (status === -constants.errno.EACCES ? 'shared' : 'held');
