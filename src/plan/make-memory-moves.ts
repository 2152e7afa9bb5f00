// Which running VMs have memory on other nodes than their placement's, what would be moved, and what forbids it.
import type { VmGuest } from '#domain/guest.ts';
import { type NodeSet, nodeSet, unionOf } from '#domain/id-set.ts';
import type { NumaNodeId, VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { MappingMove, MemoryMapping, MemoryMove, MoveObstacle } from '#domain/memory-move.ts';
import type { GuestPlacement, Placement } from '#domain/placement.ts';

/** QEMU's own pages come and go anywhere: less than this elsewhere is not worth a move. */
const WORTH_MIB = 8;
/** Of a node's memory; below it the kernel begins to reclaim, for everybody there. */
const KEPT_FREE_SHARE = 0.05;

export interface MemoryMovesInput {
  readonly inventory: Inventory;
  readonly placement: Placement;
  /** Of running VMs; null where they cannot be read. */
  readonly mappings: ReadonlyMap<VmId, readonly MemoryMapping[] | null>;
  /** Null for all placed VMs. */
  readonly only: ReadonlySet<VmId> | null;
}

/** By VMID; nothing of VMs whose memory is in place. Room is given to them in that order. */
export function makeMemoryMoves({ inventory, placement, mappings, only }: MemoryMovesInput): readonly MemoryMove[] {
  const room = new Map<string, number>();
  return placement.guests.flatMap((placed): readonly MemoryMove[] => {
    const { vmid } = placed;
    const guest = inventory.guests.find(candidate => candidate.vmid === vmid);
    if (guest?.kind !== 'vm' || guest.runtime === null || placed.class === 'shared') return [];
    if (only !== null && !only.has(vmid)) return [];
    const found = mappings.get(vmid) ?? null;
    if (found === null) return [{ kind: 'stays', vmid, elsewhereMiB: null, obstacle: { kind: 'unreadable' } }];
    const move = moveOf(guest, placed, found);
    if (move.elsewhereMiB < WORTH_MIB) return [];
    const obstacle = move.obstacle ?? lackOfRoom(move.mappings, inventory, room);
    const { elsewhereMiB } = move;
    if (obstacle !== null) return [{ kind: 'stays', vmid, elsewhereMiB, obstacle }];
    const { pid, startTime } = guest.runtime;
    return [{ kind: 'move', vmid, pid, startTime, elsewhereMiB, ...targetsOf(move.mappings, found) }];
  });
}

interface Wanted {
  readonly elsewhereMiB: number;
  readonly mappings: readonly MappingMove[];
  readonly obstacle: MoveObstacle | null;
}

function moveOf(guest: VmGuest, placed: GuestPlacement, found: readonly MemoryMapping[]): Wanted {
  const nodes = placed.memory ? nodeSet(placed.memory.parts.map(({ hostNode }) => hostNode)) : placed.nodes;
  const targetOf = makeTargets(guest, placed, nodes);
  const memory = found.filter(isGuestMemory);
  const mappings = memory.flatMap(mapping => {
    const target = targetOf(mapping);
    return target === null || elsewhere(mapping, nodeSet([target])) === 0 ? [] : [makeMove(mapping, target)];
  });
  // A guest without NUMA nodes of its own on several nodes of the host: what is outside of all of them is all that is surely wrong.
  const elsewhereMiB =
    mappings.length > 0
      ? sumMiB(mappings.map(({ pageKiB, before, after }) => [pageKiB, countOutside(before, after)]))
      : sumMiB(memory.map(mapping => [mapping.pageKiB, elsewhere(mapping, nodes)]));
  return { elsewhereMiB, mappings, obstacle: obstacleOf(guest, found, mappings) };
}

function obstacleOf(
  guest: VmGuest,
  found: readonly MemoryMapping[],
  mappings: readonly MappingMove[],
): MoveObstacle | null {
  // The config may have changed since the start; a device's own mapping tells that the process has one.
  if (guest.passthrough || found.some(({ file }) => file?.includes('vfio'))) return { kind: 'passthrough' };
  if (['amd-sev', 'intel-tdx'].some(key => guest.raw.has(key))) return { kind: 'encrypted' };
  if (mappings.length === 0) return { kind: 'other-topology' };
  const bound = mappings.flatMap(move => {
    const mapping = found.find(({ start }) => start === move.start);
    const isStrict = mapping?.policy === 'bind' && !nodeSet(move.after.keys()).isSubsetOf(mapping.policyNodes);
    return isStrict ? [mapping.policyNodes] : [];
  });
  return bound.length === 0 ? null : { kind: 'bound', nodes: unionOf(bound) };
}

/**
 * Which node a mapping belongs to; null for what need not move. A VM on one node: that one. A VM on several: QEMU has told the kernel of
 * each guest node's memory where its config wanted it, which names the guest node, and so its place in the plan.
 */
function makeTargets(
  guest: VmGuest,
  placed: GuestPlacement,
  nodes: NodeSet,
): (mapping: MemoryMapping) => NumaNodeId | null {
  const [only] = nodes;
  if (nodes.size === 1 && only !== undefined) return () => only;
  const parts = placed.memory?.parts ?? [];
  const isSame = parts.length === guest.numaNodes.length && guest.numa;
  const targets = new Map(
    isSame
      ? guest.numaNodes.flatMap(({ hostNodes }, index) => {
          const [from, ...more] = hostNodes;
          const to = parts[index]?.hostNode;
          return from === undefined || to === undefined || more.length > 0 ? [] : [[from, to] as const];
        })
      : [],
  );
  // Two guest nodes of one host node cannot be told from each other.
  if (targets.size < parts.length) return () => null;
  return ({ policyNodes }) =>
    policyNodes.size === 1 && policyNodes.first !== undefined ? (targets.get(policyNodes.first) ?? null) : null;
}

/** Not the files that QEMU has mapped: its program and libraries are everybody's. */
const isGuestMemory = ({ file, pageKiB }: MemoryMapping): boolean =>
  file === null || pageKiB > 4 || /^\/(?:memfd:|dev\/shm\/|dev\/zero)/.test(file);

const makeMove = ({ start, end, pageKiB, pages }: MemoryMapping, target: NumaNodeId): MappingMove => ({
  ...{ start, end, pageKiB, before: pages },
  after: new Map([[target, [...pages.values()].reduce((sum, count) => sum + count, 0)]]),
});

function lackOfRoom(
  mappings: readonly MappingMove[],
  { memory }: Inventory,
  taken: Map<string, number>,
): MoveObstacle | null {
  const needs = new Map<string, { node: NumaNodeId; pageKiB: number; neededMiB: number }>();
  for (const { pageKiB, before, after } of mappings) {
    for (const node of after.keys()) {
      const key = `${node}/${pageKiB}`;
      const neededMiB = (needs.get(key)?.neededMiB ?? 0) + (countOutside(before, after) * pageKiB) / 1024;
      needs.set(key, { node, pageKiB, neededMiB });
    }
  }
  for (const [key, { node, pageKiB, neededMiB }] of needs) {
    const there = memory.find(candidate => candidate.node === node);
    const pool = there?.hugepages.get(pageKiB);
    const ordinaryMiB = (there?.availableMiB ?? 0) - (there?.totalMiB ?? 0) * KEPT_FREE_SHARE;
    const freeMiB = pageKiB > 4 ? ((pool?.free ?? 0) * pageKiB) / 1024 : ordinaryMiB;
    const thereMiB = Math.max(0, Math.floor(freeMiB - (taken.get(key) ?? 0)));
    if (neededMiB > thereMiB) return { kind: 'no-room', node, neededMiB: Math.ceil(neededMiB), thereMiB };
  }
  for (const [key, { neededMiB }] of needs) taken.set(key, (taken.get(key) ?? 0) + neededMiB);
  return null;
}

function targetsOf(mappings: readonly MappingMove[], found: readonly MemoryMapping[]) {
  const to = unionOf(mappings.map(({ after }) => nodeSet(after.keys())));
  const preferred = mappings.map(
    ({ start }) => found.find(mapping => mapping.start === start)?.policyNodes ?? nodeSet(),
  );
  return { to, mappings, later: unionOf(preferred).difference(to) };
}

const elsewhere = ({ pages }: MemoryMapping, nodes: NodeSet): number =>
  [...pages].reduce((sum, [node, count]) => (nodes.has(node) ? sum : sum + count), 0);

const countOutside = (before: MappingMove['before'], after: MappingMove['after']): number =>
  [...before].reduce((sum, [node, count]) => (after.has(node) ? sum : sum + count), 0);

const sumMiB = (parts: ReadonlyArray<readonly [pageKiB: number, pages: number]>): number =>
  Math.round(parts.reduce((sum, [pageKiB, pages]) => sum + pageKiB * pages, 0) / 1024);
