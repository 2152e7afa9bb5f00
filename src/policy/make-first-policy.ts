// The first policy of a cluster, with comments for whoever reads it next.
import type { Guest } from '#domain/guest.ts';
import type { VmId } from '#domain/ids.ts';

export interface FirstPolicyInput {
  readonly guests: readonly Guest[];
  readonly dedicated: readonly VmId[];
  readonly confined: readonly VmId[];
  /** What the host keeps without a line of the policy, as a CPU list. */
  readonly keptByDefault: string;
}

/** Its text parses as a policy; guests are named in comments only. */
export function makeFirstPolicy({ guests, dedicated, confined, keptByDefault }: FirstPolicyInput): string {
  const wished = [
    ...dedicated.map(vmid => ({ vmid, wish: 'dedicated' })),
    ...confined.map(vmid => ({ vmid, wish: 'confined' })),
  ].sort((a, b) => a.vmid - b.vmid);
  const lines = wished.map(({ vmid, wish }) => [`  ${vmid}: { class: ${wish} }`, describeGuest(vmid, guests)] as const);
  const width = Math.max(0, ...lines.map(([entry]) => entry.length));
  return `${[
    '# What Berth gives to which guest, on every node of this cluster.',
    '# `berth plan` shows what it means here, `berth apply` makes it true, `berth undo` takes that back.',
    '# Comments are kept by `berth policy set VMID key=value`.',
    '',
    '# host:',
    '#   # Whole cores that are never dedicated. Left out: what is usual for the kind of host,',
    `#   # here CPUs ${keptByDefault}.`,
    '#   housekeeping: { coresPerNode: 2 }',
    '#   # The kernel keeps everything else off dedicated CPUs too; needs kernel 6.12 or later.',
    '#   isolation: partition',
    '',
    '# VMs that come to a node by migration or high availability get what is free there.',
    '# onArrival: place',
    '',
    '# dedicated: a CPU of its own for every vCPU. confined: kept inside one NUMA node, beside other confined guests.',
    '# All others share what is left, and need no line.',
    ...(lines.length === 0 ? ['# guests:', '#   100: { class: dedicated }'] : ['guests:']),
    ...lines.map(([entry, words]) => `${entry.padEnd(width)}  # ${words}`),
  ].join('\n')}\n`;
}

/** The name is the owner's own text: only letters, digits and a few signs of it come into the file. */
function describeGuest(vmid: VmId, guests: readonly Guest[]): string {
  const guest = guests.find(candidate => candidate.vmid === vmid);
  const name = (guest?.name ?? '').replace(/[^\w.-]/g, '').slice(0, 40);
  const size = guest?.kind === 'vm' ? `${guest.vcpus} vCPUs` : `${guest?.cores ?? 'all'} CPUs`;
  return [...(name === '' ? [] : [name]), size].join(', ');
}
