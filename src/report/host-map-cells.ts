// The cores of one LLC domain as text: boxes with a line for each thread, or one line in all on large machines.
import type { Core, CoreKind } from '#domain/host-topology.ts';
import { cpuSet } from '#domain/id-set.ts';
import type { CpuId } from '#domain/ids.ts';
import { flowCpuList, flowWords, type Piece } from './flow-words.ts';
import { cpuLabel, cpuOwner, type HostMapView, type MapCpu, type MapLlc } from './host-map-view.ts';
import type { Paint } from './paint.ts';

export interface CellStyle {
  readonly paint: Paint;
  readonly width: number;
}

/** One column for each core, one line for each thread: ` 4 101`. */
export function renderCoreBoxes(view: HostMapView, { groups }: MapLlc, style: CellStyle): readonly string[] {
  const cell = measureCell(view);
  return groups.flatMap(({ kind, cores }) => [
    ...(kind === 'uniform' ? [] : [style.paint.dim(kindTitle(kind))]),
    ...chunk(cores, coresPerRow(cores.length, style.width, cell.width)).flatMap(row =>
      renderBoxRow(view, row, { ...style, cell }),
    ),
  ]);
}

interface Cell {
  readonly width: number;
  readonly cpuDigits: number;
}

/** Up to four characters beside the number leave room for a blank: eight cores of a small machine fit into 80 columns. */
function measureCell(view: HostMapView): Cell {
  const cpuDigits = Math.max(...[...view.cpus.keys()].map(id => `${id}`.length));
  return { cpuDigits, width: cpuDigits + 1 + Math.max(5, longestLabel(view)) };
}

const longestLabel = (view: HostMapView): number =>
  Math.max(...[...view.cpus.values()].map(cpu => cpuLabel(cpu).length));

/** As many as fit, sixteen at most, and rows of equal length. */
function coresPerRow(count: number, width: number, cellWidth: number): number {
  const fitting = Math.max(1, Math.min(16, Math.floor((width - 1) / (cellWidth + 1))));
  return Math.ceil(count / Math.ceil(count / fitting));
}

function renderBoxRow(
  view: HostMapView,
  cores: readonly Core[],
  { cell, paint }: CellStyle & { readonly cell: Cell },
): readonly string[] {
  const edge = (left: string, middle: string, right: string): string =>
    paint.dim(left + cores.map(() => '─'.repeat(cell.width)).join(middle) + right);
  const threads = Math.max(...cores.map(core => core.cpus.size));
  const lines = Array.from({ length: threads }, (_, thread) => {
    const cells = cores.map(core => renderThread(view, core.cpus.ids[thread], { cell, paint }));
    return paint.dim('│') + cells.join(paint.dim('│')) + paint.dim('│');
  });
  return [edge('┌', '┬', '┐'), ...lines, edge('└', '┴', '┘')];
}

function renderThread(
  view: HostMapView,
  id: CpuId | undefined,
  { cell, paint }: { readonly cell: Cell; readonly paint: Paint },
): string {
  const cpu = id === undefined ? undefined : view.cpus.get(id);
  if (!cpu) return ' '.repeat(cell.width);
  const text = `${`${cpu.id}`.padStart(cell.cpuDigits)}${cpuMark(cpu)}${cpuLabel(cpu)}`;
  return paintCpu(cpu, text.padEnd(cell.width), paint);
}

/** `*` isolated; `h` kept for the host although a guest may run there. */
function cpuMark({ isolated, housekeeping, guests }: MapCpu): string {
  if (isolated) return '*';
  return housekeeping && guests.length > 0 ? 'h' : ' ';
}

function paintCpu(cpu: MapCpu, text: string, paint: Paint): string {
  const owner = cpuOwner(cpu);
  if (owner && cpu.guests.length > 0) return paint.guest(owner.position, text);
  if (owner) return paint.dim(text);
  return cpu.housekeeping ? paint.host(text) : text;
}

/** `101  1-3,65-67  ·  4-7,68-71`: whoever is here, each with the CPUs. */
export function renderOccupants(view: HostMapView, { groups }: MapLlc, { paint, width }: CellStyle): readonly string[] {
  const pieces = groups.flatMap(({ kind, cores }) => {
    const byLabel = new Map<string, MapCpu[]>();
    for (const cpu of cores.flatMap(core => core.cpus.ids)) {
      const found = view.cpus.get(cpu);
      if (!found) continue;
      const label = `${cpuLabel(found)}${cpuMark(found)}`.trim();
      byLabel.set(label, [...(byLabel.get(label) ?? []), found]);
    }
    const title = kind === 'uniform' ? [] : [{ text: paint.dim(`${kind}:`), length: kind.length + 1 }];
    return [
      ...title,
      ...[...byLabel].flatMap(([label, cpus]) =>
        occupantPieces(label.padEnd(longestLabel(view) + 1), cpus, { paint, width }),
      ),
    ];
  });
  return flowWords(pieces, { width, separator: '  ' });
}

/** The label and the first line of its CPUs; then what did not fit beside it. */
function occupantPieces(label: string, cpus: readonly MapCpu[], { paint, width }: CellStyle): readonly Piece[] {
  const tag = ` ${label} `;
  const [first] = cpus;
  const painted = first ? paintCpu(first, tag, paint) : tag;
  const lines = flowCpuList(cpuSet(cpus.map(cpu => cpu.id)), width - tag.length - 1);
  return lines.map((line, index) => ({
    text: `${index === 0 ? painted : ' '.repeat(tag.length)} ${line}`,
    length: tag.length + 1 + line.length,
  }));
}

const kindTitle = (kind: CoreKind): string => `${kind} cores`;

function chunk<Item>(items: readonly Item[], size: number): readonly Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, row) => items.slice(row * size, (row + 1) * size));
}
