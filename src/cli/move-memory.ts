// `apply --move-memory`: what would be moved, then moving it, with progress on stderr and an end by Ctrl-C between two pieces.
import { type MemoryMoving, USUAL_RATE_MIBPS } from '#apply/memory-step.ts';
import { moveMemory } from '#apply/move-memory.ts';
import type { VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { MemoryMove } from '#domain/memory-move.ts';
import type { Placement } from '#domain/placement.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { readInventory } from '#host/read-inventory.ts';
import { readMemoryMappings } from '#host/read-memory-mappings.ts';
import { makeMemoryMoves } from '#plan/make-memory-moves.ts';
import { renderEntry } from '#report/journal-text.ts';
import { renderMemoryMoves, renderMovedMemory } from '#report/memory-move-text.ts';
import { renderMib } from '#report/memory-text.ts';
import type { CommandContext } from './command-context.ts';
import { stopOnSignal } from './stop-on-signal.ts';

export interface MemoryWish {
  /** Empty: all placed VMs. */
  readonly vmids: readonly VmId[];
  /** Null: the usual one. */
  readonly rateMiBps: number | null;
}

/** Often enough to see that it lives. */
const PROGRESS_MS = 2000;

export function listMemoryMoves(
  host: Host,
  inventory: Inventory,
  placement: Placement | null,
  { vmids }: MemoryWish,
): readonly MemoryMove[] {
  if (placement === null) return [];
  const strangers = vmids.filter(vmid => !placement.guests.some(guest => guest.vmid === vmid));
  if (strangers.length > 0) throw new HostError('missing', `Not placed on ${inventory.node}: ${strangers.join(', ')}`);
  const mappings = readMemoryMappings(host, inventory.guests);
  return makeMemoryMoves({ inventory, placement, mappings, only: vmids.length === 0 ? null : new Set(vmids) });
}

/** Moves what the placement in force asks for, and says what came of it. */
export async function moveMemoryNow(context: CommandContext, wish: MemoryWish) {
  const { host, paint, json } = context;
  const stop = stopOnSignal(context, 'Stopping after this piece.\n');
  const { node } = await readInventory(host);
  const result = await moveMemory({
    context: { host, qm: null, moving: makeMoving(context, wish.rateMiBps ?? USUAL_RATE_MIBPS, stop.wanted) },
    node,
    now: context.now,
    shouldStop: stop.wanted,
    readMoves: async () => {
      const inventory = await readInventory(host);
      return listMemoryMoves(host, inventory, inventory.placement, wish);
    },
  }).finally(stop.release);
  if (!json) {
    const { entry, stays } = result;
    const told = entry === null ? '' : renderEntry(entry, paint) + renderMovedMemory(entry, paint);
    context.print(`\n${told}${entry !== null && stays.length === 0 ? '' : renderMemoryMoves(stays, paint)}`);
  }
  return result;
}

export function makeMoving({ tell }: CommandContext, rateMiBps: number, shouldStop: () => boolean): MemoryMoving {
  const began = performance.now();
  let told = began;
  const onProgress: MemoryMoving['onProgress'] = (vmid, movedMiB, totalMiB) => {
    const now = performance.now();
    if (now - told < PROGRESS_MS) return;
    told = now;
    const rate = Math.round((movedMiB / (now - began)) * 1000);
    tell(`VM ${vmid}: ${renderMib(movedMiB)} of ${renderMib(totalMiB)} moved, ${renderMib(rate)}/s\n`);
  };
  return { rateMiBps, onProgress, shouldStop };
}
