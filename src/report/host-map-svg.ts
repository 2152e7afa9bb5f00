// The map of `berth inspect --svg`: one self-contained picture of the host and its guests.
import { type FlowOptions, flowWords, plainPiece } from './flow-words.ts';
import { makeNodeDevices } from './host-devices.ts';
import { renderHostFacts } from './host-facts.ts';
import { nodeBlock, packageBlock } from './host-map-svg-cores.ts';
import { HOST_MAP_CSS } from './host-map-svg-style.ts';
import { distanceTable, guestTable } from './host-map-svg-tables.ts';
import type { HostMapView } from './host-map-view.ts';
import { printable } from './printable.ts';
import { el } from './svg.ts';
import { type Block, beside, flow, stack, textLine } from './svg-layout.ts';

const MARGIN = 20;
const GAP = 16;
/** Of the content; small hosts make narrower pictures, large ones have room for two packages in a row. */
const widest = ({ cpus }: HostMapView): number => (cpus.size <= 128 ? 1000 : 1400);
const NARROWEST = 640;

/** Needs nothing from elsewhere: fonts by family name, colours for light and dark pages. Ends with a newline. */
export function renderHostMapSvg(view: HostMapView): string {
  const host = hostBlock(view);
  const contentWidth = Math.max(NARROWEST, host.width);
  const body = stack(
    [
      headerBlock(view, contentWidth),
      host,
      keyBlock(view, contentWidth),
      tablesBlock(view, contentWidth),
      devicesBlock(view, contentWidth),
      unknownBlock(view, contentWidth),
    ],
    GAP,
  );
  const width = Math.ceil(Math.max(contentWidth, body.width) + 2 * MARGIN);
  const height = Math.ceil(body.height + 2 * MARGIN);
  const svg = el(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img' },
    el('title', {}, `CPU and NUMA map of ${printable(view.inventory.node)}`),
    el('style', {}, { markup: HOST_MAP_CSS }),
    el('rect', { width: '100%', height: '100%', class: 'page' }),
    ...body.draw(MARGIN, MARGIN),
  );
  return `${svg.markup}\n`;
}

function headerBlock(view: HostMapView, width: number): Block {
  return stack([titleLine(view), ...wrapped(renderHostFacts(view), { width, separator: ' · ' })], 4);
}

/** Muted lines, as wide as fits. */
function wrapped(words: readonly string[], { width, separator }: FlowOptions): readonly Block[] {
  const lines = flowWords(words.map(plainPiece), { width: Math.floor(width / 6.6), separator });
  return lines.map(line => textLine(line, { text: 'muted', size: 12 }));
}

/** Three sizes on one baseline. */
function titleLine({ inventory }: HostMapView): Block {
  const model = printable(inventory.topology.model ?? 'unknown processor');
  const simulated = inventory.simulated ? [el('tspan', { dx: 12, class: 'warn', 'font-size': 13 }, 'simulated')] : [];
  return {
    ...textLine(`${inventory.node}  ${model}`, { text: 'title', size: 16, bold: true }),
    height: 26,
    draw: (x, y) => [
      el(
        'text',
        { x, y: y + 20 },
        el('tspan', { class: 'title', 'font-size': 20 }, printable(inventory.node)),
        el('tspan', { dx: 12, class: 'muted', 'font-size': 15 }, model),
        ...simulated,
      ),
    ],
  };
}

/** Two packages in a row; one alone has the whole width. */
function hostBlock(view: HostMapView): Block {
  const width = widest(view);
  const packageWidth = view.packages.length === 1 ? width : (width - GAP) / 2;
  const packages = view.packages.map(entry => packageBlock(view, entry, packageWidth));
  const memoryNodes = view.memoryNodes.map(node => nodeBlock(view, node, packageWidth));
  return flow([...packages, ...memoryNodes], { width, gap: GAP });
}

/** Explains the marks that appear, and no others. */
function keyBlock(view: HostMapView, width: number): Block {
  const cpus = [...view.cpus.values()];
  const entries = [
    { box: 'cpu open', text: 'open to all other guests', shown: true },
    { box: 'host', text: 'kept for the host', shown: cpus.some(cpu => cpu.housekeeping) },
    { box: 'cpu idle g0', text: '(VMID): idle sibling', shown: cpus.some(cpu => cpu.idleFor) },
    { box: 'cpu g1', text: 'VMID+1: one guest more', shown: cpus.some(cpu => cpu.guests.length > 1) },
    { box: 'open cpu isolated', text: 'isolated from the scheduler', shown: cpus.some(cpu => cpu.isolated) },
    { box: 'used', text: 'memory used', shown: true },
    { box: 'cache', text: 'page cache', shown: true },
    { box: 'free', text: 'free', shown: true },
  ];
  return flow(
    entries
      .filter(({ shown }) => shown)
      .map(({ box, text }) => beside([swatch(box), textLine(text, { text: 'muted', size: 11 })], 6)),
    { width, gap: 18 },
  );
}

const swatch = (box: string): Block => ({
  width: 14,
  height: 14,
  draw: (x, y) => [el('rect', { x: x + 1, y: y + 1, width: 12, height: 12, rx: 3, class: box })],
});

/** Side by side where the guests have room. */
function tablesBlock(view: HostMapView, width: number): Block {
  const distances = distanceTable(view);
  const room = width - distances.width - 2 * GAP;
  const guests = guestTable(view, room >= NARROWEST ? room : width);
  return flow(
    [guests, distances].filter(block => block.width > 0),
    { width, gap: 2 * GAP },
  );
}

function devicesBlock({ inventory }: HostMapView, width: number): Block {
  const lines = makeNodeDevices(inventory).flatMap(({ node, groups }) =>
    wrapped([node === null ? 'No node' : `Node ${node}`, ...groups], { width, separator: ' · ' }),
  );
  const title = textLine('Devices', { text: 'head', size: 14, bold: true });
  return lines.length === 0 ? stack([], 0) : stack([title, ...lines], 4);
}

function unknownBlock({ inventory }: HostMapView, width: number): Block {
  const lines = inventory.unknown.flatMap(({ path, reason }) =>
    wrapped(printable(`${path}: ${reason}`).split(' '), { width, separator: ' ' }),
  );
  const title = textLine('Not known, or not understood', { text: 'head', size: 14, bold: true });
  return lines.length === 0 ? stack([], 0) : stack([title, ...lines], 4);
}
