// Is a guest's memory on the nodes that the placement gives it?
import { type Finding, finding } from '#domain/finding.ts';
import type { VmGuest } from '#domain/guest.ts';
import { nodeSet } from '#domain/id-set.ts';
import type { GuestPlacement } from '#domain/placement.ts';
import type { GuestVerdict } from '#domain/verify-report.ts';

/** QEMU's own pages and shared libraries lie anywhere; more than this elsewhere is guest memory. */
const TOLERATED_MIB = 128;
const TOLERATED_SHARE = 0.05;

export function verifyMemory(
  placed: GuestPlacement,
  guest: VmGuest,
): { facts: Partial<GuestVerdict>; findings: readonly Finding[] } {
  const { vmid } = placed;
  const resident = guest.runtime?.residentMiB;
  if (resident === undefined || placed.class === 'shared') return { facts: {}, findings: [] };
  if (resident === null) return { facts: {}, findings: [finding('memory-unread', 'note', { vmid })] };
  const nodes = placed.memory ? nodeSet(placed.memory.parts.map(part => part.hostNode)) : placed.nodes;
  let localMiB = 0;
  let residentMiB = 0;
  for (const [node, held] of resident) {
    residentMiB += held;
    if (nodes.has(node)) localMiB += held;
  }
  const elsewhereMiB = residentMiB - localMiB;
  const isElsewhere = elsewhereMiB > Math.max(TOLERATED_MIB, residentMiB * TOLERATED_SHARE);
  const facts = { localMiB: Math.round(localMiB), residentMiB: Math.round(residentMiB) };
  const rounded = { elsewhereMiB: Math.round(elsewhereMiB), residentMiB: facts.residentMiB };
  return { facts, findings: isElsewhere ? [finding('memory-elsewhere', 'warning', { vmid, ...rounded, nodes })] : [] };
}
