// Packages, nodes, LLC domains and cores of the SVG map, one box inside the other.
import type { Core } from '#domain/host-topology.ts';
import type { NodeMemory } from '#domain/inventory.ts';
import { flowCpuList } from './flow-words.ts';
import { guestClass } from './host-map-svg-style.ts';
import {
  cpuLabel,
  cpuOwner,
  type HostMapView,
  llcCpus,
  llcTitle,
  type MapCpu,
  type MapLlc,
  type MapNode,
  type MapPackage,
} from './host-map-view.ts';
import { renderMib, renderPageSize } from './memory-text.ts';
import { el, type SvgElement } from './svg.ts';
import { type Block, flow, frame, stack, textLine, widen } from './svg-layout.ts';

const CPU_HEIGHT = 32;
const CORES_PER_ROW = 8;
const CPU_GAP = 5;
const LABEL_SIZE = 11.5;

/** `width` is the most that the block may take. */
export function packageBlock(view: HostMapView, { id, nodes }: MapPackage, width: number): Block {
  const title = textLine(`Package ${id}`, { text: 'head', size: 14, bold: true });
  const contents = nodes.map(node => nodeContent(view, node, width - 44));
  const widest = Math.max(0, ...contents.map(content => content.width));
  const blocks = contents.map(content => frame(widen(content, widest), NODE_FRAME));
  return frame(stack([title, flow(blocks, { width: width - 24, gap: 10 })], 8), {
    box: 'package',
    padding: 12,
    radius: 10,
  });
}

const NODE_FRAME = { box: 'node', padding: 10, radius: 8 };

/** A node outside all packages. */
export const nodeBlock = (view: HostMapView, node: MapNode, width: number): Block =>
  frame(nodeContent(view, node, width - 20), NODE_FRAME);

function nodeContent(view: HostMapView, { node, memory, llcs }: MapNode, width: number): Block {
  const name = node.cpus.isEmpty ? `Node ${node.id}, memory without CPUs` : `Node ${node.id}`;
  const title = textLine(name, { text: 'head', size: 13, bold: true });
  const domains = llcs.map(llc => llcBlock(view, llc));
  return stack([title, memoryBlock(memory), flow(domains, { width, gap: 8 })], 6);
}

function memoryBlock(memory: NodeMemory | null): Block {
  if (!memory) return textLine('memory unknown', { text: 'muted', size: 11 });
  const pools = [...memory.hugepages].filter(([, { total }]) => total > 0);
  const facts = [
    `${renderMib(memory.totalMiB)}, ${renderMib(memory.freeMiB)} free, ${renderMib(memory.availableMiB)} available`,
    ...pools.map(([sizeKiB, { total, free }]) => `hugepages ${renderPageSize(sizeKiB)}: ${total}, ${free} free`),
  ];
  return stack([memoryBar(memory), ...facts.map(fact => textLine(fact, { text: 'muted', size: 11 }))], 3);
}

/** Used, page cache, free. */
function memoryBar({ totalMiB, freeMiB, availableMiB }: NodeMemory): Block {
  const width = 180;
  const height = 8;
  const pixels = (mib: number): number => (mib / Math.max(totalMiB, 1)) * width;
  const used = pixels(Math.max(0, totalMiB - availableMiB));
  const cache = pixels(Math.max(0, availableMiB - freeMiB));
  return {
    width,
    height,
    draw: (x, y) => [
      el('rect', { x, y, width, height, rx: 2, class: 'free' }),
      el('rect', { x, y, width: used + cache, height, rx: 2, class: 'cache' }),
      el('rect', { x, y, width: used, height, rx: 2, class: 'used' }),
    ],
  };
}

function llcBlock(view: HostMapView, llc: MapLlc): Block {
  const cpuWidth = measureCpu(view);
  const width = CORES_PER_ROW * (cpuWidth + CPU_GAP);
  const [first = '', ...more] = flowCpuList(llcCpus(llc), Math.floor(width / 6) - 18);
  const title = [`${llcTitle(llc.llc)} · CPUs ${first}`, ...more];
  const rows = llc.groups.flatMap(({ kind, cores }) => [
    ...(kind === 'uniform' ? [] : [textLine(`${kind} cores`, { text: 'muted', size: 11 })]),
    flow(
      cores.map(core => coreBlock(view, core, cpuWidth)),
      { width, gap: CPU_GAP },
    ),
  ]);
  return frame(stack([...title.map(line => textLine(line, { text: 'muted', size: 11 })), ...rows], 5), {
    box: 'llc',
    padding: 7,
    radius: 6,
  });
}

/** All CPUs of a map are equally wide, so that domains line up. */
function measureCpu(view: HostMapView): number {
  const label = Math.max(4, ...[...view.cpus.values()].map(cpu => cpuLabel(cpu).length));
  return 8 + label * LABEL_SIZE * 0.7;
}

function coreBlock(view: HostMapView, core: Core, width: number): Block {
  const cpus = core.cpus.ids.flatMap(id => view.cpus.get(id) ?? []);
  return stack(
    cpus.map(cpu => cpuBlock(cpu, width)),
    1,
  );
}

function cpuBlock(cpu: MapCpu, width: number): Block {
  const kept = cpu.housekeeping && !cpuOwner(cpu);
  const ink = kept ? 'on-host' : cpu.guests.length > 0 ? 'on-fill' : 'ink';
  return {
    width,
    height: CPU_HEIGHT,
    draw: (x, y) => [
      el(
        'g',
        {},
        el('title', {}, describeCpu(cpu)),
        el('rect', { x, y, width, height: CPU_HEIGHT, rx: 4, class: kept ? 'host' : 'open' }),
        ...fills(cpu, { x, y, width }),
        el('rect', {
          x: x + 0.5,
          y: y + 0.5,
          width: width - 1,
          height: CPU_HEIGHT - 1,
          rx: 4,
          fill: 'none',
          class: cpu.isolated ? 'cpu isolated' : 'cpu',
        }),
        el('text', { x: x + 5, y: y + 12, 'font-size': 9, class: `${ink} number` }, `${cpu.id}`),
        el(
          'text',
          { x: x + width / 2, y: y + 26, 'font-size': LABEL_SIZE, 'text-anchor': 'middle', class: `${ink} head` },
          cpuLabel(cpu),
        ),
      ),
    ],
  };
}

/** A CPU that several guests share shows the colours of the first four, side by side. */
function fills(
  { guests, idleFor }: MapCpu,
  { x, y, width }: { readonly x: number; readonly y: number; readonly width: number },
): readonly SvgElement[] {
  const height = CPU_HEIGHT;
  if (guests.length === 0) {
    return idleFor ? [el('rect', { x, y, width, height, rx: 4, class: `idle ${guestClass(idleFor.position)}` })] : [];
  }
  const shown = guests.slice(0, 4);
  const part = width / shown.length;
  return shown
    .map(({ position }, index) =>
      el('rect', { x, y, width: part * (index + 1), height, rx: 4, class: guestClass(position) }),
    )
    .reverse();
}

function describeCpu({ id, guests, idleFor, housekeeping, isolated }: MapCpu): string {
  const users = guests.map(({ guest, name }) => `${guest.vmid} ${name}`.trim());
  return [
    `CPU ${id}`,
    ...(users.length > 0 ? [users.join(', ')] : []),
    ...(guests.length === 0 && idleFor ? [`kept idle for ${idleFor.guest.vmid}`] : []),
    ...(housekeeping ? ['kept for the host'] : []),
    ...(isolated ? ['isolated'] : []),
  ].join(': ');
}
