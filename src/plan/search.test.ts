// The search against a plain enumeration of every arrangement on tiny hosts: the same optimum, or none for both.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeDistance } from '#domain/host-topology.ts';
import { cpuSet } from '#domain/id-set.ts';
import { type NumaNodeId, numaNodeId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import { AIMS } from '#domain/plan.ts';
import { makeInventory, makeVm, makeVmRuntime } from '#fixtures/make-inventory.ts';
import { flatShape, planFor, type WishList } from '#fixtures/random-host.ts';
import type { Shape, ShapeCores } from '#fixtures/shapes.ts';

interface Guest {
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly class: 'dedicated' | 'confined';
  readonly smt: 'any' | 'isolate' | 'pairs';
  readonly span: 'node' | 'llc';
  readonly emulator: 'housekeeping' | 'own';
  /** CPUs that its vCPUs are pinned to now; none when it is stopped. */
  readonly pins: readonly number[];
  /** Memory that it holds on node 0 and on node 1. */
  readonly heldMiB: readonly [number, number];
  /** The node of its passthrough device. */
  readonly device: number | null;
  readonly cache: 'auto' | 'large' | 'any';
}

/** Cores of one node, cache, kind and number of threads. */
interface Group {
  readonly node: NumaNodeId;
  readonly cell: string;
  readonly kind: string;
  readonly threads: number;
  readonly cores: number;
  readonly cpus: ReturnType<typeof cpuSet>;
}

/** One guest's place: vCPUs by group, or the cells of a confined guest. */
interface Place {
  readonly counts: readonly number[];
  /** Index of the group with its emulator core; null when it has none. */
  readonly emulatorAt: number | null;
  readonly cells: readonly string[];
  readonly nodes: readonly NumaNodeId[];
}

interface Machine {
  readonly inventory: Inventory;
  readonly groups: readonly Group[];
  /** Cache cell → its node and CPUs, housekeeping included. */
  readonly cells: ReadonlyMap<string, { readonly node: NumaNodeId; readonly cpus: number; readonly isLarge: boolean }>;
}

function makeMachine(inventory: Inventory): Machine {
  const { cores, llcs } = inventory.topology;
  const cells = new Map<string, { node: NumaNodeId; cpus: number; isLarge: boolean }>();
  const groups = new Map<string, Group>();
  for (const core of [...cores].sort((a, b) => (a.node ?? 0) - (b.node ?? 0) || a.id - b.id)) {
    const node = core.node ?? numaNodeId(0);
    const cell = `${node}/${core.llc}`;
    const isLarge = llcs.some(({ id, large }) => id === core.llc && large === true);
    cells.set(cell, { node, cpus: (cells.get(cell)?.cpus ?? 0) + core.cpus.size, isLarge });
    if (core.id === 0) continue;
    const key = `${cell}/${core.kind}/${core.cpus.size}`;
    const before = groups.get(key);
    groups.set(key, {
      ...{ node, cell, kind: core.kind, threads: core.cpus.size },
      cores: (before?.cores ?? 0) + 1,
      cpus: core.cpus.union(before?.cpus ?? cpuSet()),
    });
  }
  return { inventory, groups: [...groups.values()], cells };
}

/** Every way to write `sum` as counts of at most `most[i]`. */
function* compositions(sum: number, most: readonly number[]): Generator<number[]> {
  const [first, ...rest] = most;
  if (first === undefined) {
    if (sum === 0) yield [];
    return;
  }
  for (let count = 0; count <= Math.min(first, sum); count++) {
    for (const others of compositions(sum - count, rest)) yield [count, ...others];
  }
}

function* placesOf(guest: Guest, { groups, cells, inventory }: Machine): Generator<Place> {
  const nothing = { counts: [], emulatorAt: null };
  if (guest.class === 'confined') {
    const nodes = inventory.topology.nodes.filter(node => !node.cpus.isEmpty).map(({ id }) => id);
    const inNode = (node: NumaNodeId) => [...cells].filter(([, cell]) => cell.node === node).map(([name]) => name);
    if (guest.span === 'node') for (const node of nodes) yield { ...nothing, cells: inNode(node), nodes: [node] };
    else for (const [name, { node }] of cells) yield { ...nothing, cells: [name], nodes: [node] };
    return;
  }
  const most = groups.map(group => (guest.smt === 'isolate' ? group.cores : group.cores * group.threads));
  for (const counts of compositions(guest.vcpus, most)) {
    const used = groups.filter((_, index) => (counts[index] ?? 0) > 0);
    if (new Set(used.map(group => group.kind)).size > 1) continue;
    if (guest.smt === 'pairs') {
      const filled = counts.filter(count => count > 0);
      if (used.some(group => group.threads < 2) || filled.slice(0, -1).some(count => count % 2 === 1)) continue;
    }
    const nodes = [...new Set(used.map(group => group.node))].sort((a, b) => a - b);
    const emulators = guest.emulator === 'own' ? used.map(group => groups.indexOf(group)) : [null];
    for (const emulatorAt of emulators) yield { counts, emulatorAt, cells: [], nodes };
  }
}

/** Values by aim; null when it does not fit. */
function judge(guests: readonly Guest[], places: readonly Place[], machine: Machine): number[] | null {
  const { groups, cells, inventory } = machine;
  const { topology } = inventory;
  const distance = (a: NumaNodeId, b: NumaNodeId) => nodeDistance(topology, a, b);
  const homeOf = (node: NumaNodeId) =>
    topology.nodes
      .filter(({ memoryMiB }) => memoryMiB !== 0)
      .map(({ id }) => id)
      .sort((a, b) => distance(node, a) - distance(node, b) || a - b)[0] ?? node;
  const whole = groups.map(() => 0);
  const odd = groups.map(() => 0);
  const left = new Map(inventory.memory.map(({ node, availableMiB }) => [node, availableMiB]));
  for (const { heldMiB, pins } of guests) {
    if (pins.length === 0) continue;
    for (const [node, held] of heldMiB.entries()) {
      const known = left.get(numaNodeId(node));
      if (known !== undefined) left.set(numaNodeId(node), known + held);
    }
  }
  const aims = {
    ...{ nodes: 0, distance: 0, deviceDistance: 0, llcs: 0, smallCache: 0 },
    ...{ efficiencyCores: 0, imbalance: 0, memoryElsewhere: 0, moves: 0 },
  };
  const hasLarge = [...cells.values()].some(({ isLarge }) => isLarge);
  const alone = guests.filter(guest => guest.class === 'dedicated').length === 1;
  for (const [index, guest] of guests.entries()) {
    const place = places[index] as Place;
    const { counts, nodes } = place;
    for (const [at, group] of groups.entries()) {
      const count = counts[at] ?? 0;
      if (count === 0) continue;
      const own = at === place.emulatorAt ? 1 : 0;
      if (guest.smt === 'isolate') whole[at] = (whole[at] ?? 0) + count + own;
      else if (guest.smt === 'pairs' || own > 0) whole[at] = (whole[at] ?? 0) + Math.ceil(count / group.threads) + own;
      else {
        whole[at] = (whole[at] ?? 0) + Math.floor(count / group.threads);
        odd[at] = (odd[at] ?? 0) + (count % group.threads === 0 ? 0 : 1);
      }
    }
    const perNode = nodes.map(node =>
      guest.class === 'confined'
        ? guest.vcpus
        : counts.reduce((sum, count, at) => sum + (groups[at]?.node === node ? count : 0), 0),
    );
    let given = 0;
    const homes = new Set<NumaNodeId>();
    for (const [at, node] of nodes.entries()) {
      const isLast = at === nodes.length - 1;
      const share = isLast ? guest.memoryMiB - given : Math.floor((guest.memoryMiB * (perNode[at] ?? 0)) / guest.vcpus);
      const home = homeOf(node);
      given += share;
      homes.add(home);
      left.set(home, (left.get(home) ?? Number.POSITIVE_INFINITY) - share);
      aims.distance += distance(node, home) - distance(node, node);
      for (const other of nodes.slice(at + 1)) aims.distance += Math.max(distance(node, other), distance(other, node));
    }
    aims.nodes += nodes.length;
    if (guest.device !== null) {
      const device = numaNodeId(guest.device);
      aims.deviceDistance += Math.min(...nodes.map(node => distance(node, device))) - distance(device, device);
    }
    const wantsLarge = guest.cache === 'large' || (guest.cache === 'auto' && guest.class === 'dedicated' && alone);
    if (hasLarge && wantsLarge) {
      const isSmall = (cell: string) => cells.get(cell)?.isLarge === false;
      const outside = counts.reduce((sum, count, at) => sum + (isSmall(groups[at]?.cell ?? '') ? count : 0), 0);
      aims.smallCache += guest.class === 'dedicated' ? outside : place.cells.some(isSmall) ? guest.vcpus : 0;
    }
    aims.llcs +=
      guest.class === 'confined'
        ? place.cells.length
        : new Set(groups.filter((_, at) => (counts[at] ?? 0) > 0).map(({ cell }) => cell)).size;
    const isEfficient = groups.some((group, at) => (counts[at] ?? 0) > 0 && group.kind === 'efficiency');
    aims.efficiencyCores += isEfficient ? guest.vcpus : 0;
    aims.imbalance += Math.max(...perNode) - Math.min(...perNode);
    if (guest.pins.length > 0) {
      const remoteMiB = guest.heldMiB.reduce((sum, held, node) => sum + (homes.has(numaNodeId(node)) ? 0 : held), 0);
      aims.memoryElsewhere += Math.round(remoteMiB / 1024);
      if (guest.class === 'dedicated') {
        const present = cpuSet(guest.pins);
        const kept = groups.reduce(
          (sum, group, at) => sum + Math.min(counts[at] ?? 0, group.cpus.intersection(present).size),
          0,
        );
        aims.moves += Math.max(0, Math.min(guest.vcpus, present.size) - kept);
      }
    }
  }
  if ([...left.values()].some(mib => mib < 0)) return null;
  const inUse = groups.map((group, at) => Math.min(group.cores, (whole[at] ?? 0) + (odd[at] ?? 0)));
  for (const [at, group] of groups.entries()) {
    const shared = group.threads === 2 ? Math.ceil((odd[at] ?? 0) / 2) : (odd[at] ?? 0);
    if ((whole[at] ?? 0) + shared > group.cores) return null;
  }
  const freeCpus = (cell: string) =>
    (cells.get(cell)?.cpus ?? 0) -
    groups.reduce((sum, group, at) => sum + (group.cell === cell ? (inUse[at] ?? 0) * group.threads : 0), 0);
  const loads = new Map<string, { vcpus: number; cells: readonly string[] }>();
  const addLoad = (name: string, vcpus: number, own: readonly string[]) =>
    loads.set(name, { vcpus: (loads.get(name)?.vcpus ?? 0) + vcpus, cells: own });
  for (const [index, guest] of guests.entries()) {
    if (guest.class === 'dedicated') continue;
    const own = places[index]?.cells ?? [];
    const free = own.reduce((sum, cell) => sum + freeCpus(cell), 0);
    if (free < guest.vcpus) return null;
    const [node = 0] = places[index]?.nodes ?? [];
    addLoad(
      `node ${node}`,
      guest.vcpus,
      [...cells].flatMap(([name, cell]) => (cell.node === node ? [name] : [])),
    );
    if (guest.span === 'llc') addLoad(own.join(), guest.vcpus, own);
  }
  const crowding = ({ vcpus, cells: own }: { vcpus: number; cells: readonly string[] }) =>
    [1, 2, 3, 4, 6, 8, 12, 16].reduce(
      (sum, step) => sum + Math.max(0, 4 * vcpus - step * own.reduce((free, cell) => free + freeCpus(cell), 0)),
      0,
    );
  const fragmentation = (unit: (group: Group) => string) => {
    const [all, free] = [new Map<string, number>(), new Map<string, number>()];
    for (const [at, group] of groups.entries()) {
      all.set(unit(group), (all.get(unit(group)) ?? 0) + group.cores);
      free.set(unit(group), (free.get(unit(group)) ?? 0) + group.cores - (inUse[at] ?? 0));
    }
    return Math.max(0, ...all.values()) - Math.max(0, ...free.values());
  };
  const values: Record<(typeof AIMS)[number], number> = {
    ...aims,
    sharedCores: groups.reduce(
      (sum, group, at) => sum + Math.max(0, (whole[at] ?? 0) + (odd[at] ?? 0) - group.cores),
      0,
    ),
    pressure: [...loads.values()].reduce((sum, load) => sum + crowding(load), 0),
    nodeFragmentation: fragmentation(({ node }) => `${node}`),
    llcFragmentation: fragmentation(({ cell }) => cell),
  };
  return AIMS.map(aim => values[aim]);
}

/** The best of all arrangements, one by one. */
function bruteForce(guests: readonly Guest[], machine: Machine): number[] | null {
  let best: number[] | null = null;
  const choices = guests.map(guest => [...placesOf(guest, machine)]);
  const visit = (places: readonly Place[]): void => {
    const next = choices[places.length];
    if (next) {
      for (const place of next) visit([...places, place]);
      return;
    }
    const values = judge(guests, places, machine);
    if (values && (best === null || isBefore(values, best))) best = values;
  };
  visit([]);
  return best;
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
}

const cores = (count: number, threads: 1 | 2, kind?: ShapeCores['kind']): ShapeCores =>
  kind ? { count, threads, kind } : { count, threads };

/** LLC domains by node, each with its cores. */
function tinyShape(nodes: ReadonlyArray<readonly ShapeCores[]>, distances?: number[][], memory?: number[]): Shape {
  return {
    ...flatShape(1, nodes.length),
    llcs: nodes.flatMap((domains, node) =>
      domains.map(domain => ({ package: node, node, sizeKiB: 8192, cores: [domain] })),
    ),
    nodes: nodes.map((_, id) => {
      const memoryMiB = memory?.[id] ?? 4096;
      return { id, memoryMiB, freeMiB: memoryMiB, cacheMiB: 0, hugepages: {} };
    }),
    ...(distances ? { distances } : {}),
  };
}

const LADDER = [
  [10, 12, 20, 22],
  [12, 10, 22, 20],
  [20, 22, 10, 12],
  [22, 20, 12, 10],
];

/** Each direction has its own distance: by the first alone, nodes 0 and 1 are as near as 1 and 2. */
const ONE_WAY = [
  [10, 16, 28],
  [20, 10, 16],
  [24, 18, 10],
];

/** One socket, two caches, the second a large one. */
const LARGE_SECOND: Shape = {
  ...tinyShape([[cores(1, 1)]]),
  llcs: [32_768, 98_304].map((sizeKiB, die) => ({ package: 0, node: 0, sizeKiB, cores: [cores(3 - die, 2)] })),
};

const anyTinyShape = fc.constantFrom<Shape>(
  tinyShape([[cores(3, 2)], [cores(3, 2)]]),
  tinyShape([[cores(3, 1)], [cores(2, 1)]]),
  tinyShape([[cores(2, 2), cores(2, 2)]]),
  tinyShape([[cores(2, 1), cores(2, 1), cores(2, 1)]]),
  tinyShape([[cores(3, 2), cores(2, 1)]]),
  tinyShape([[cores(2, 2), cores(2, 2)], [cores(3, 2)]]),
  tinyShape([[cores(2, 1)], [cores(2, 1)], [cores(2, 1)], [cores(1, 1)]], LADDER),
  tinyShape([[cores(2, 1)], [cores(2, 1)], [cores(2, 1)]], ONE_WAY),
  LARGE_SECOND,
  tinyShape([[cores(2, 2)], [cores(2, 2)]], undefined, [4096, 0]),
  { ...tinyShape([[cores(2, 2)], [cores(2, 2)]]), offline: [5] },
  {
    ...tinyShape([[cores(1, 1)]]),
    llcs: [
      {
        ...{ package: 0, node: 0, sizeKiB: 8192 },
        cores: [cores(3, 2, 'performance'), cores(3, 1, 'efficiency')],
      },
    ],
  },
);

const anyGuest: fc.Arbitrary<Guest> = fc.record({
  vcpus: fc.integer({ min: 1, max: 5 }),
  memoryMiB: fc.constantFrom(64, 1000, 2500, 4000),
  class: fc.constantFrom('dedicated', 'dedicated', 'dedicated', 'confined'),
  smt: fc.constantFrom('any', 'any', 'isolate', 'pairs'),
  span: fc.constantFrom('node', 'llc'),
  emulator: fc.constantFrom('housekeeping', 'housekeeping', 'own'),
  pins: fc.constantFrom<readonly number[]>([], [], [1, 2, 3, 4, 5], [3, 4], [2]),
  heldMiB: fc.constantFrom<readonly [number, number]>([0, 0], [900, 100], [0, 1100]),
  device: fc.constantFrom(null, null, 0, 1),
  cache: fc.constantFrom('auto', 'large', 'any'),
});

/** The demands in the order of the search do not matter to the optimum, only to the work. */
function build(shape: Shape, guests: readonly Guest[]): { inventory: Inventory; wishes: WishList } {
  const { online } = makeInventory(shape, []).topology;
  const vms = guests.map(({ vcpus, memoryMiB, pins, heldMiB, device }, index) =>
    makeVm(100 + index, vcpus, {
      memoryMiB,
      deviceNodes: new Map(device === null ? [] : [['hostpci0', numaNodeId(device)]]),
      runtime:
        pins.length === 0
          ? null
          : {
              ...makeVmRuntime(pins.length, online, { pid: 4000 + 100 * index, pins }),
              residentMiB: new Map(heldMiB.map((held, node) => [numaNodeId(node), held])),
            },
    }),
  );
  const wishes = guests.map(({ class: guestClass, smt, span, emulator, cache }, index) => [
    100 + index,
    { class: guestClass, smt, span, emulator, cache },
  ]);
  return { inventory: makeInventory(shape, vms), wishes: Object.fromEntries(wishes) };
}

describe('searchArrangement()', () => {
  it('finds the optimum of a plain enumeration, or proves that there is none', () => {
    let found = 0;
    fc.assert(
      fc.property(anyTinyShape, fc.array(anyGuest, { minLength: 1, maxLength: 3 }), (shape, words) => {
        const guests = words.map(guest =>
          guest.class === 'confined' ? { ...guest, emulator: 'housekeeping' as const } : guest,
        );
        const { inventory, wishes } = build(shape, guests);
        const made = planFor(inventory, wishes);
        const best = bruteForce(guests, makeMachine(inventory));
        if (made.kind === 'infeasible') {
          expect(made.proved).toBe(true);
          expect(best).toBeNull();
          return;
        }
        found++;
        expect(made.proof).toEqual({ kind: 'optimal' });
        expect(made.aims.map(({ value }) => value)).toEqual(best);
      }),
      { numRuns: 300 },
    );
    expect(found).toBeGreaterThan(50);
  });
});
