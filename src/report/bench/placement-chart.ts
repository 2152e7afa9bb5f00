// Where a guest's vCPUs were allowed to run: the host's packages, nodes, LLC domains and cores, in one phase.
import type { Core, HostTopology } from '#domain/host-topology.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { cpuSet } from '#domain/id-set.ts';
import type { CpuId } from '#domain/ids.ts';
import type { MeasuredPhase, PhaseName } from '#domain/measurement.ts';
import { llcTitle, type MapLlc, type MapNode, type MapPackage, makeHostMapView } from '../host-map-view.ts';
import { el } from '../svg.ts';
import { type Block, flow, frame, stack, textLine, widen } from '../svg-layout.ts';
import { PHASE_NAMES } from './bench-words.ts';
import { type Chart, legendEntry } from './chart-frame.ts';

/** Phases with the same CPUs for everyone. */
export interface SharedPlacement {
  readonly phases: readonly PhaseName[];
  readonly vcpus: MeasuredPhase['vcpus'];
  readonly emulator: MeasuredPhase['emulator'];
}

/** Phases of which no CPU is known, as of imported runs, are left out. */
export function groupPlacements(phases: readonly MeasuredPhase[]): readonly SharedPlacement[] {
  const groups = new Map<string, SharedPlacement>();
  for (const { name, vcpus, emulator } of phases) {
    if (vcpus.every(({ cpus }) => cpus.isEmpty)) continue;
    const key = [...vcpus.map(({ cpus }) => encodeIdList(cpus)), emulator === null ? '?' : encodeIdList(emulator)].join(
      ' ',
    );
    const known = groups.get(key);
    groups.set(key, { vcpus, emulator, phases: [...(known?.phases ?? []), name] });
  }
  return [...groups.values()];
}

/** `as found, as found again`. */
export const placementTitle = ({ phases }: SharedPlacement): string => phases.map(name => PHASE_NAMES[name]).join(', ');

export function makePlacementChart(topology: HostTopology, placement: SharedPlacement, width: number): Chart {
  const inventory = { node: '', simulated: false, topology, memory: [], guests: [], placement: null, unknown: [] };
  const { packages } = makeHostMapView(inventory);
  const style: CellStyle = { users: usersOf(placement), width: cellWidth(topology) };
  const legend = flow(
    [
      legendEntry('one vCPU', sample('cpu-used')),
      legendEntry('several vCPUs may run here', sample('cpu-some')),
      legendEntry('none of this guest', sample('cpu')),
    ],
    { width: width - 8, gap: 18 },
  );
  const blocks = packages.map(entry => packageBlock(entry, style, width - 8));
  const body = stack([legend, flow(blocks, { width: width - 8, gap: 10 })], 10);
  return {
    ...{ width: Math.max(width, body.width + 8), height: body.height + 8 },
    title: `Placement ${placementTitle(placement)}`,
    description: placement.vcpus.map(({ vcpu, cpus }) => `vCPU ${vcpu} on CPU ${encodeIdList(cpus)}.`).join(' '),
    content: body.draw(4, 4),
  };
}

interface CellStyle {
  /** vCPUs that may run on a CPU. */
  readonly users: ReadonlyMap<CpuId, readonly number[]>;
  readonly width: number;
}

function usersOf({ vcpus }: SharedPlacement): ReadonlyMap<CpuId, readonly number[]> {
  const users = new Map<CpuId, number[]>();
  for (const { vcpu, cpus } of vcpus) for (const id of cpus.ids) users.set(id, [...(users.get(id) ?? []), vcpu]);
  return users;
}

const CELL_HEIGHT = 30;
const CORES_PER_ROW = 8;

/** Room for the largest CPU number. */
const cellWidth = ({ online }: HostTopology): number => 20 + 4 * `${online.ids.at(-1) ?? 0}`.length;

const sample = (name: string) => (x: number, y: number) =>
  el('rect', { class: name, x: x + 4, y: y - 7, width: 22, height: 14, rx: 3 });

function packageBlock({ id, nodes }: MapPackage, style: CellStyle, width: number): Block {
  const inside = nodes.map(node => nodeBlock(node, style, width - 20));
  return frame(stack([heading(`Package ${id}`), flow(inside, { width: width - 20, gap: 8 })], 6), {
    box: 'box',
    padding: 10,
    radius: 8,
  });
}

function nodeBlock({ node, llcs }: MapNode, style: CellStyle, width: number): Block {
  return stack(
    [
      heading(`Node ${node.id}`),
      flow(
        llcs.map(llc => llcBlock(llc, style, width)),
        { width, gap: 8 },
      ),
    ],
    4,
  );
}

const heading = (text: string): Block => textLine(text, { text: 'strong', size: 12 });

function llcBlock({ llc, groups }: MapLlc, style: CellStyle, width: number): Block {
  const rowWidth = Math.min(width - 12, CORES_PER_ROW * (style.width + 4));
  const cores = groups.flatMap(group => group.cores);
  const title = textLine(llcTitle(llc), { text: 'muted', size: 11 });
  const grid = flow(
    cores.map(core => coreBlock(core, style)),
    { width: rowWidth, gap: 4 },
  );
  return frame(widen(stack([title, grid], 4), title.width), { box: 'cpu', padding: 6, radius: 5 });
}

const coreBlock = ({ cpus }: Core, style: CellStyle): Block =>
  stack(
    cpus.ids.map(id => cpuBlock(id, style)),
    1,
  );

function cpuBlock(id: CpuId, { users, width }: CellStyle): Block {
  const vcpus = users.get(id) ?? [];
  const box = vcpus.length === 0 ? 'cpu' : vcpus.length === 1 ? 'cpu-used' : 'cpu-some';
  const middle = width / 2;
  return {
    ...{ width, height: CELL_HEIGHT },
    draw: (x, y) => [
      el(
        'g',
        {},
        el('title', {}, vcpus.length === 0 ? `CPU ${id}` : `CPU ${id}: vCPU ${encodeIdList(cpuSet(vcpus))}`),
        el('rect', { class: box, x: x + 0.5, y: y + 0.5, width: width - 1, height: CELL_HEIGHT - 1, rx: 3 }),
        el(
          'text',
          {
            class: vcpus.length === 0 ? 'muted' : '',
            x: x + middle,
            y: y + 11,
            'font-size': 9,
            'text-anchor': 'middle',
          },
          `${id}`,
        ),
        ...(vcpus.length === 1
          ? [
              el(
                'text',
                { class: 'strong', x: x + middle, y: y + 24, 'font-size': 12, 'text-anchor': 'middle' },
                `v${vcpus[0]}`,
              ),
            ]
          : []),
      ),
    ],
  };
}
