// The table of guests below the map: what each is, where it may run, where its memory is.
import type { Guest } from '#domain/guest.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { flowCpuList } from './flow-words.ts';
import type { MapGuest } from './host-map-guests.ts';
import type { HostMapView } from './host-map-view.ts';
import { renderMib } from './memory-text.ts';
import type { Paint } from './paint.ts';

/** Longer names are cut: the VMID tells which guest it is. */
const LONGEST_NAME = 16;

export function renderGuestTable(
  view: HostMapView,
  { paint, width }: { readonly paint: Paint; readonly width: number },
): readonly string[] {
  if (view.guests.length === 0) return [paint.dim('No guests on this node.')];
  const header = ['VMID', 'NAME', '', 'CLASS', 'vCPU', 'MEMORY', ...(hasNodes(view) ? ['ON NODES'] : [])];
  const rows = view.guests.map(guest => guestCells(view, guest));
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map(row => row[column]?.length ?? 0)));
  const layOut = (cells: readonly string[]): string[] => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0));
  const indent = widths.reduce((sum, columnWidth) => sum + columnWidth + 2, 2);
  return [
    paint.dim(`  ${[...layOut(header), 'CPUS'].join('  ')}`.trimEnd()),
    ...view.guests.flatMap((guest, row) => {
      const [vmid = '', ...others] = layOut(rows[row] ?? []);
      const shown = guest.tied ? paint.guest(guest.position, vmid) : vmid;
      const [first = '', ...more] = wrapCpus(view, guest, width - indent);
      const state = guest.running ? '●' : '○';
      return [`${state} ${[shown, ...others, first].join('  ')}`, ...more.map(line => ' '.repeat(indent) + line)];
    }),
    paint.dim('  ● running  ○ stopped'),
  ];
}

function guestCells(view: HostMapView, { guest, name, class: guestClass }: MapGuest): readonly string[] {
  return [
    `${guest.vmid}`,
    name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name,
    guest.kind === 'vm' ? 'VM' : 'CT',
    guestClass ?? '–',
    vcpuText(guest),
    renderMib(guest.memoryMiB),
    ...(hasNodes(view) ? [memoryNodesText(guest)] : []),
  ];
}

const hasNodes = ({ inventory }: HostMapView): boolean => inventory.topology.nodes.length > 1;

/** A container without `cores` may use every CPU. */
export const vcpuText = (guest: Guest): string => (guest.kind === 'vm' ? `${guest.vcpus}` : `${guest.cores ?? 'all'}`);

/** Where the pages are, in percent, while it runs: `0:98% 1:2%`; else where its next start will put them: `→0`. */
export function memoryNodesText(guest: Guest): string {
  if (guest.kind === 'container') return '–';
  const resident = [...(guest.runtime?.residentMiB ?? [])].filter(([, mib]) => mib > 0);
  const total = resident.reduce((sum, [, mib]) => sum + mib, 0);
  if (total > 0) {
    return resident.map(([node, mib]) => `${node}:${Math.round((mib / total) * 100)}%`).join(' ');
  }
  return guest.boundNodes.isEmpty ? '–' : `→${encodeIdList(guest.boundNodes)}`;
}

function wrapCpus(view: HostMapView, { cpus }: MapGuest, width: number): readonly string[] {
  return cpus.size === view.inventory.topology.online.size ? ['all'] : flowCpuList(cpus, Math.max(width, 10));
}
