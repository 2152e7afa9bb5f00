// Moves the memory of one running VM between nodes, a piece at a time, and counts what moved and what did not.
import type { NumaNodeId } from '#domain/ids.ts';
import type { StepRecord } from '#domain/journal.ts';
import type { MappingMove, MemoryOutcome, StayCause } from '#domain/memory-move.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { readMappings } from '#host/read-memory-mappings.ts';
import { readVmProcess } from '#host/vm-process.ts';
import { type MovedPages, movePiece } from './move-piece.ts';
import type { Progress } from './steps.ts';

type MemoryRecord = Extract<StepRecord, { kind: 'memory' }>;

export interface MemoryMoving {
  /** At most so many MiB a second, on average. */
  readonly rateMiBps: number;
  readonly onProgress: (vmid: number, movedMiB: number, totalMiB: number) => void;
  /** Checked between two pieces. */
  readonly shouldStop: () => boolean;
}

/** A guest that waits for its memory waits less than for a disk, and its host's memory has ten times that to give. */
export const USUAL_RATE_MIBPS = 1024;

export const QUIET_MOVING: MemoryMoving = {
  rateMiBps: USUAL_RATE_MIBPS,
  onProgress: () => {},
  shouldStop: () => false,
};

/** The kernel holds a lock of the process for one call, and moves the pages of one call one after the other. */
const PIECE_BYTES = 32 * 1024 * 1024;
/** QEMU's own pages come and go. */
const TOLERATED_SHARE = 0.02;
const TOLERATED_PAGES = 512;

export function memoryState(record: MemoryRecord, host: Host): Progress {
  if (!isSameProcess(record, host)) return 'gone';
  const found = readMappings(host, record.pid) ?? [];
  const now = record.mappings.flatMap(move => {
    const mapping = found.find(({ start }) => start === move.start);
    return mapping === undefined ? [] : [{ move, pages: mapping.pages }];
  });
  if (now.length === 0) return 'gone';
  if (now.every(({ move, pages }) => isLike(pages, move.after))) return 'after';
  return now.every(({ move, pages }) => isLike(pages, move.before)) ? 'before' : 'mixed';
}

/** Pages that were touched since count for nobody. */
function isLike(now: MappingMove['before'], wanted: MappingMove['before']): boolean {
  const total = [...wanted.values()].reduce((sum, pages) => sum + pages, 0);
  const tolerated = Math.max(total * TOLERATED_SHARE, Math.min(TOLERATED_PAGES, total / 4));
  return [...wanted].every(([node, pages]) => (now.get(node) ?? 0) >= pages - tolerated);
}

/**
 * Which pages were on which node is not kept, only how many: putting back moves as many.
 * @returns the record with what came of it
 * @throws HostError when the process ends, when it was stopped, or when nothing could be moved at all
 */
export async function applyMemory(record: MemoryRecord, host: Host, moving: MemoryMoving): Promise<MemoryRecord> {
  const tally = makeTally(record, moving);
  for (const move of record.mappings) await moveMapping(move, { record, host, moving, tally });
  const outcome = tally.outcome();
  if (outcome.movedMiB === 0 && outcome.stayed.length > 0) {
    const why = outcome.stayed.map(({ cause, MiB }) => `${MiB} MiB ${STAYED[cause]}`).join(', ');
    throw new HostError('refused', `No memory of VM ${record.vmid} could be moved: ${why}`);
  }
  return { ...record, outcome };
}

const STAYED: Readonly<Record<StayCause, string>> = {
  shared: 'are shared with other processes',
  held: 'are held by a device or the kernel',
  'no-room': 'find no room on the node',
};

interface Moving {
  readonly record: MemoryRecord;
  readonly host: Host;
  readonly moving: MemoryMoving;
  readonly tally: Tally;
}

async function moveMapping(move: MappingMove, { record, host, moving, tally }: Moving): Promise<void> {
  const { start, end, pageKiB } = move;
  const needs = makeNeeds(move, readMappings(host, record.pid)?.find(mapping => mapping.start === start)?.pages);
  const pageBytes = pageKiB * 1024;
  const pieceBytes = Math.max(PIECE_BYTES, pageBytes);
  for (let from = start; from < end; from += pieceBytes) {
    const addresses = listPages(from, Math.min(end, from + pieceBytes), pageBytes);
    const sources = new Set(host.pageNodes(record.pid, addresses).filter(node => node >= 0)) as Set<NumaNodeId>;
    for (const source of sources) {
      for (;;) {
        if (moving.shouldStop()) throw new HostError('failed', `It was stopped: ${tally.describe()}`);
        if (!isSameProcess(record, host)) throw new HostError('gone', `VM ${record.vmid} ended; ${tally.describe()}`);
        const began = performance.now();
        const order = needs.next(addresses, host.pageNodes(record.pid, addresses), source);
        if (order === null) break;
        const moved = movePiece(host, { pid: record.pid, pageBytes, ...order });
        needs.note(source, order.node, moved.moved);
        tally.note(moved, pageKiB);
        await pause(((moved.moved * pageKiB) / 1024 / moving.rateMiBps) * 1000 - (performance.now() - began));
        // What stayed in this piece would stay again.
        if (moved.stayed.size > 0) break;
      }
    }
  }
}

interface Needs {
  /** Which of these pages go from that node, and where to; null for none. */
  readonly next: (
    addresses: readonly number[],
    nodes: readonly number[],
    from: NumaNodeId,
  ) => { readonly addresses: readonly number[]; readonly node: NumaNodeId } | null;
  readonly note: (from: NumaNodeId, to: NumaNodeId, pages: number) => void;
}

/** How many pages each node is to give and to get. */
function makeNeeds({ after }: MappingMove, now: ReadonlyMap<NumaNodeId, number> = new Map()): Needs {
  const isAll = after.size === 1;
  const balance = new Map(
    [...new Set([...now.keys(), ...after.keys()])].map(node => {
      const wanted = isAll ? (after.has(node) ? Number.POSITIVE_INFINITY : 0) : (after.get(node) ?? 0);
      return [node, wanted - (now.get(node) ?? 0)] as const;
    }),
  );
  return {
    next: (addresses, nodes, from) => {
      const [getter, lack] = [...balance].sort(([, a], [, b]) => b - a)[0] ?? [null, 0];
      const excess = isAll ? Number.POSITIVE_INFINITY : -(balance.get(from) ?? 0);
      if (getter === null || getter === from || lack <= 0 || excess <= 0) return null;
      const there = addresses.filter((_, index) => nodes[index] === from);
      return there.length === 0 ? null : { addresses: there.slice(0, Math.min(lack, excess)), node: getter };
    },
    note: (from, to, pages) => {
      balance.set(from, (balance.get(from) ?? 0) + pages);
      balance.set(to, (balance.get(to) ?? 0) - pages);
    },
  };
}

interface Tally {
  readonly note: (moved: MovedPages, pageKiB: number) => void;
  readonly outcome: () => MemoryOutcome;
  readonly describe: () => string;
}

function makeTally({ vmid, mappings }: MemoryRecord, { onProgress }: MemoryMoving): Tally {
  const totalMiB = Math.round(
    mappings.reduce((sum, { before, after, pageKiB }) => sum + (countDifference(before, after) * pageKiB) / 1024, 0),
  );
  let movedKiB = 0;
  const stayedKiB = new Map<StayCause, number>();
  const movedMiB = () => Math.round(movedKiB / 1024);
  return {
    note: ({ moved, stayed }, pageKiB) => {
      movedKiB += moved * pageKiB;
      for (const [cause, pages] of stayed) stayedKiB.set(cause, (stayedKiB.get(cause) ?? 0) + pages * pageKiB);
      onProgress(vmid, movedMiB(), totalMiB);
    },
    outcome: () => ({
      movedMiB: movedMiB(),
      stayed: [...stayedKiB].map(([cause, kib]) => ({ cause, MiB: Math.ceil(kib / 1024) })),
    }),
    describe: () => `${movedMiB()} of ${totalMiB} MiB were moved and stay where they are now`,
  };
}

const countDifference = (before: MappingMove['before'], after: MappingMove['before']): number =>
  [...before].reduce((sum, [node, pages]) => sum + Math.max(0, pages - (after.get(node) ?? 0)), 0);

const listPages = (from: number, to: number, bytes: number): readonly number[] =>
  Array.from({ length: Math.ceil((to - from) / bytes) }, (_, index) => from + index * bytes);

function pause(ms: number): Promise<void> {
  return new Promise(resolve => {
    // Also without a pause: Ctrl-C is heard between two pieces.
    setTimeout(resolve, Math.max(0, ms));
  });
}

function isSameProcess({ vmid, pid, startTime }: MemoryRecord, host: Host): boolean {
  const process = readVmProcess(host, vmid);
  return process?.pid === pid && process.startTime === startTime;
}
