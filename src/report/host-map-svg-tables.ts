// The tables of the SVG map: guests, and distances between nodes.
import { flowCpuList } from './flow-words.ts';
import type { MapGuest } from './host-map-guests.ts';
import { memoryNodesText, vcpuText } from './host-map-legend.ts';
import { guestClass } from './host-map-svg-style.ts';
import type { HostMapView } from './host-map-view.ts';
import { renderMib } from './memory-text.ts';
import { el } from './svg.ts';
import { type Block, stack, textLine } from './svg-layout.ts';

const ROW_HEIGHT = 20;
const SIZE = 12;
const LETTER_WIDTH = SIZE * 0.58;
const COLUMN_GAP = 16;
const SWATCH_WIDTH = 22;
const LONGEST_NAME = 20;
const HEADER = ['VMID', 'Name', 'Class', 'vCPUs', 'Memory', 'on nodes', 'CPUs'];

/** `width` is what the lists of CPUs may fill. */
export function guestTable(view: HostMapView, width: number): Block {
  const title = textLine('Guests', { text: 'head', size: 14, bold: true });
  if (view.guests.length === 0) return stack([title, textLine('none on this node', { text: 'muted', size: SIZE })], 6);
  const rows = view.guests.map(({ guest, name, class: placedClass, running }) => [
    `${guest.vmid}`,
    cutName(name) + (running ? '' : ' (stopped)'),
    placedClass ?? '–',
    vcpuText(guest),
    renderMib(guest.memoryMiB),
    memoryNodesText(guest),
  ]);
  const offsets = columnOffsets([HEADER.slice(0, -1), ...rows]);
  const cpuColumns = Math.floor((width - (offsets.at(-1) ?? 0)) / LETTER_WIDTH);
  const cpuLines = view.guests.map(guest => wrapCpus(view, guest, cpuColumns));
  return stack(
    [
      title,
      rowBlock(
        HEADER.map(text => [text]),
        { offsets, text: 'muted' },
      ),
      ...view.guests.map((guest, index) => {
        const cells = [...(rows[index] ?? []).map(text => [text]), cpuLines[index] ?? []];
        return withSwatch(guest, rowBlock(cells, { offsets, text: 'ink' }));
      }),
    ],
    4,
  );
}

const cutName = (name: string): string => (name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name);

/** Where each column begins, and the one behind the last. */
function columnOffsets(rows: readonly (readonly string[])[]): readonly number[] {
  const offsets = [SWATCH_WIDTH];
  for (const column of rows[0]?.keys() ?? []) {
    const longest = Math.max(...rows.map(row => row[column]?.length ?? 0));
    offsets.push((offsets.at(-1) ?? 0) + longest * LETTER_WIDTH + COLUMN_GAP);
  }
  return offsets;
}

function wrapCpus(view: HostMapView, { cpus }: MapGuest, columns: number): readonly string[] {
  return cpus.size === view.inventory.topology.online.size ? ['all'] : flowCpuList(cpus, Math.max(columns, 16));
}

/** One row; a cell may have several lines. */
function rowBlock(
  cells: readonly (readonly string[])[],
  { offsets, text }: { readonly offsets: readonly number[]; readonly text: string },
): Block {
  const lastCell = Math.max(0, ...(cells.at(-1) ?? []).map(line => line.length));
  return {
    width: (offsets[cells.length - 1] ?? 0) + lastCell * LETTER_WIDTH,
    height: ROW_HEIGHT * Math.max(...cells.map(lines => lines.length)),
    draw: (x, y) =>
      cells.flatMap((lines, column) =>
        lines.map((line, index) =>
          el(
            'text',
            { x: x + (offsets[column] ?? 0), y: y + 14 + index * ROW_HEIGHT, 'font-size': SIZE, class: text },
            line,
          ),
        ),
      ),
  };
}

function withSwatch({ tied, position }: MapGuest, row: Block): Block {
  const fill = tied ? guestClass(position) : 'open';
  return {
    ...row,
    draw: (x, y) => [
      el('rect', { x, y: y + 3, width: 14, height: 14, rx: 3, class: `cpu ${fill}` }),
      ...row.draw(x, y),
    ],
  };
}

const CELL = { width: 32, height: 20 };

/** Darker is farther; nothing for a single node. */
export function distanceTable({ inventory }: HostMapView): Block {
  const { nodes } = inventory.topology;
  if (nodes.length < 2) return { width: 0, height: 0, draw: () => [] };
  const farthest = Math.max(...nodes.flatMap(node => [...node.distances.values()]), 11);
  const matrix: Block = {
    width: CELL.width * (nodes.length + 1),
    height: CELL.height * (nodes.length + 1),
    draw: (x, y) => [
      ...nodes.map((node, index) => cellText(`${node.id}`, { x: x + CELL.width * (index + 1), y, text: 'muted' })),
      ...nodes.flatMap((from, row) => {
        const top = y + CELL.height * (row + 1);
        return [
          cellText(`${from.id}`, { x, y: top, text: 'muted' }),
          ...nodes.flatMap((to, column) => {
            const distance = from.distances.get(to.id);
            const left = x + CELL.width * (column + 1);
            const depth = distance === undefined ? 0 : ((distance - 10) / (farthest - 10)) * 0.55;
            const box = { x: left, y: top, width: CELL.width - 2, height: CELL.height - 2, rx: 3 };
            return [
              el('rect', { ...box, class: 'near' }),
              el('rect', { ...box, fill: '#d9480f', 'fill-opacity': depth }),
              cellText(distance === undefined ? '?' : `${distance}`, { x: left, y: top, text: 'ink' }),
            ];
          }),
        ];
      }),
    ],
  };
  return stack([textLine('Distances between nodes', { text: 'head', size: 14, bold: true }), matrix], 6);
}

const cellText = (content: string, { x, y, text }: { readonly x: number; readonly y: number; readonly text: string }) =>
  el(
    'text',
    { x: x + CELL.width / 2 - 1, y: y + 13.5, 'font-size': 11, 'text-anchor': 'middle', class: text },
    content,
  );
