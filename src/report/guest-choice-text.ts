// The guests among which `berth init` asks, and what speaks for some of them.
import type { Guest } from '#domain/guest.ts';
import { hostKind } from '#domain/host-kind.ts';
import type { Inventory } from '#domain/inventory.ts';
import { renderMib } from './memory-text.ts';
import { amount } from './outcome-text.ts';
import type { Paint } from './paint.ts';
import { printable } from './printable.ts';

export function renderGuestChoice({ node, guests, topology }: Inventory, paint: Paint): string {
  const there = guests.filter(({ template }) => !template);
  const rows = there.map(guest => [
    `${guest.vmid}`,
    printable(guest.name ?? ''),
    guest.kind === 'vm' ? 'VM' : 'container',
    guest.kind === 'vm' ? amount(guest.vcpus, 'vCPU') : guest.cores === null ? 'all CPUs' : amount(guest.cores, 'CPU'),
    renderMib(guest.memoryMiB),
    guest.runtime === null ? 'stopped' : 'running',
    hintOf(guest),
  ]);
  const widths = [0, 1, 2, 3, 4, 5].map(column => Math.max(0, ...rows.map(row => row[column]?.length ?? 0)));
  const lines = rows.map(row =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
  const warning =
    hostKind(topology) === 'small'
      ? [
          paint.warn(
            'This host has few cores: pinning takes away more than it gives. Weights (`cpuunits`) do more here.',
          ),
          '',
        ]
      : [];
  return [paint.bold(`Guests of ${node}`), ...(lines.length === 0 ? ['  none'] : lines), '', ...warning].join('\n');
}

function hintOf(guest: Guest): string {
  if (guest.kind !== 'vm') return '';
  const hints = [
    ...((guest.deviceNodes?.size ?? 0) > 0 ? ['has a passthrough device'] : []),
    ...(guest.affinity !== null ? ['has an affinity: `berth adopt` takes over what is pinned by hand'] : []),
  ];
  return hints.join('; ');
}
