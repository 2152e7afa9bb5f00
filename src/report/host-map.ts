// The text map of `berth inspect`: packages, nodes, LLC domains and cores, and the guests on their CPUs.
import type { NumaNode } from '#domain/host-topology.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { nodeSet } from '#domain/id-set.ts';
import type { NodeMemory } from '#domain/inventory.ts';
import { flowCpuList, flowWords, plainPiece } from './flow-words.ts';
import { makeNodeDevices } from './host-devices.ts';
import { renderHostFacts } from './host-facts.ts';
import { renderCoreBoxes, renderOccupants } from './host-map-cells.ts';
import { renderGuestTable } from './host-map-legend.ts';
import { type HostMapView, llcCpus, llcTitle, type MapLlc, type MapNode, memoryKindWords } from './host-map-view.ts';
import { renderMib, renderPageSize } from './memory-text.ts';
import { makePaint, type Paint } from './paint.ts';
import { printable } from './printable.ts';

/** Above this each LLC domain is one line: boxes would fill screens. */
const MOST_CPUS_IN_BOXES = 64;
const MEMORY_BAR_COLUMNS = 20;

export interface HostMapOptions {
  /** False gives plain text, which tells as much. */
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

/** Ends with a newline. Names in it are printable ASCII, whatever the configs hold. */
export function renderHostMap(view: HostMapView, options: HostMapOptions): string {
  const style: Style = { paint: makePaint(options.color), width: Math.max(options.width, 40) };
  const lines = [
    ...renderHeader(view, style),
    ...view.packages.flatMap(({ id, nodes }) => [
      '',
      style.paint.bold(`Package ${id}`),
      ...nodes.flatMap(node => renderNode(view, node, style)),
    ]),
    ...(view.memoryNodes.length === 0 ? [] : ['', style.paint.bold('Memory without CPUs')]),
    ...view.memoryNodes.flatMap(node => renderNode(view, node, style)),
    '',
    ...renderMarks(view, style),
    ...renderDevices(view, style),
    '',
    style.paint.bold('Guests'),
    ...renderGuestTable(view, style),
    ...renderUnknown(view, style),
  ];
  return `${lines.map(line => line.trimEnd()).join('\n')}\n`;
}

interface Style {
  readonly paint: Paint;
  readonly width: number;
}

function renderHeader(view: HostMapView, { paint, width }: Style): readonly string[] {
  const { topology, node, simulated } = view.inventory;
  const title = `${paint.bold(printable(node))}  ${printable(topology.model ?? 'unknown processor')}`;
  return [
    simulated ? `${title}  ${paint.warn('[simulated]')}` : title,
    ...flowWords(renderHostFacts(view).map(plainPiece), { width, separator: ' · ' }),
  ];
}

function renderNode(view: HostMapView, { node, memory, llcs }: MapNode, { paint, width }: Style): readonly string[] {
  const facts = [...memoryFacts(memory), ...memoryKindWords(node), ...distanceFacts(node, view)].map(plainPiece);
  const boxes = view.cpus.size <= MOST_CPUS_IN_BOXES;
  const [first = '', ...more] = flowWords(facts, { width: width - 10, separator: ' · ' });
  return [
    `  ${paint.bold(`Node ${node.id}`.padEnd(8))}${first}`,
    ...more.map(line => `${' '.repeat(10)}${line}`),
    ...llcs.flatMap(llc =>
      boxes ? renderLlcBoxes(view, llc, { paint, width }) : renderLlcLine(view, llc, { paint, width }),
    ),
  ];
}

function memoryFacts(memory: NodeMemory | null): readonly string[] {
  if (!memory) return ['memory unknown'];
  const pools = [...memory.hugepages].filter(([, { total }]) => total > 0);
  return [
    `${memoryBar(memory)} ${renderMib(memory.totalMiB)}, ${renderMib(memory.freeMiB)} free, ${renderMib(memory.availableMiB)} available`,
    ...pools.map(([sizeKiB, { total, free }]) => `hugepages ${renderPageSize(sizeKiB)}: ${total}, ${free} free`),
  ];
}

function distanceFacts(node: NumaNode, { inventory }: HostMapView): readonly string[] {
  const others = [...node.distances].filter(([id]) => id !== node.id);
  if (others.length === 0) return inventory.topology.nodes.length > 1 ? ['distances unknown'] : [];
  const values = [...new Set(others.map(([, distance]) => distance))].sort((a, b) => a - b);
  const nodesAt = (value: number): string =>
    encodeIdList(nodeSet(others.filter(([, distance]) => distance === value).map(([id]) => id)));
  return [`distance ${values.map(value => `${value} to ${nodesAt(value)}`).join(', ')}`];
}

/** `█` used, `▒` page cache, `░` free. */
function memoryBar({ totalMiB, freeMiB, availableMiB }: NodeMemory): string {
  const columns = (mib: number): number => Math.round((mib / Math.max(totalMiB, 1)) * MEMORY_BAR_COLUMNS);
  const free = columns(freeMiB);
  const cache = Math.max(0, columns(availableMiB) - free);
  return `${'█'.repeat(MEMORY_BAR_COLUMNS - free - cache)}${'▒'.repeat(cache)}${'░'.repeat(free)}`;
}

function renderLlcBoxes(view: HostMapView, llc: MapLlc, { paint, width }: Style): readonly string[] {
  const title = `${llcTitle(llc.llc)}  CPUs `;
  const [first = '', ...more] = flowCpuList(llcCpus(llc), width - 4 - title.length);
  const lines = [title + paint.dim(first), ...more.map(line => ' '.repeat(title.length) + paint.dim(line))];
  return [...lines, ...renderCoreBoxes(view, llc, { paint, width: width - 4 })].map(line => `    ${line}`);
}

function renderLlcLine(view: HostMapView, llc: MapLlc, { paint, width }: Style): readonly string[] {
  const title = `    ${llcTitle(llc.llc).padEnd(12)}  `;
  const [first = '', ...more] = renderOccupants(view, llc, { paint, width: width - title.length });
  return [title + first, ...more.map(line => ' '.repeat(title.length) + line)];
}

/** Explains the marks that appear, and no others. */
function renderMarks(view: HostMapView, { paint, width }: Style): readonly string[] {
  const cpus = [...view.cpus.values()];
  const marks = [
    ...(cpus.some(cpu => cpu.guests.length > 0) ? ['VMID the guest that runs there'] : []),
    ...(cpus.some(cpu => cpu.guests.length > 1) ? ['VMID+1 and one guest more'] : []),
    ...(cpus.some(cpu => cpu.guests.length === 0 && cpu.idleFor) ? ['(VMID) kept idle for that guest'] : []),
    ...(cpus.some(cpu => cpu.housekeeping) ? ['host kept for the host'] : []),
    ...(cpus.some(cpu => cpu.housekeeping && cpu.guests.length > 0) ? ['h kept for the host as well'] : []),
    ...(cpus.some(cpu => cpu.isolated) ? ['* isolated from the scheduler'] : []),
    '· open to all other guests',
    ...(view.inventory.memory.length > 0 ? ['█ memory used, ▒ page cache, ░ free'] : []),
  ];
  return flowWords(marks.map(plainPiece), { width, separator: '   ' }).map(paint.dim);
}

function renderDevices({ inventory }: HostMapView, { paint, width }: Style): readonly string[] {
  const devices = makeNodeDevices(inventory);
  if (devices.length === 0) return [];
  const lines = devices.flatMap(({ node, groups }) => {
    const title = `  ${(node === null ? 'No node' : `Node ${node}`).padEnd(8)}`;
    const [first = '', ...more] = flowWords(groups.map(plainPiece), { width: width - title.length, separator: ' · ' });
    return [title + first, ...more.map(line => ' '.repeat(title.length) + line)];
  });
  return ['', paint.bold('Devices'), ...lines];
}

function renderUnknown({ inventory: { unknown } }: HostMapView, { paint }: Style): readonly string[] {
  if (unknown.length === 0) return [];
  return [
    '',
    paint.bold('Not known, or not understood'),
    ...unknown.map(({ path, reason }) => `  ${paint.warn('?')} ${printable(`${path}: ${reason}`)}`),
  ];
}
