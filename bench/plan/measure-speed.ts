// How long planning takes, from a small server to the largest board there is.

import { vmId } from '#domain/ids.ts';
import { makeShapeTree } from '#fixtures/shape-tree.ts';
import type { Shape } from '#fixtures/shapes.ts';
import { makeTextTree } from '#fixtures/text-tree.ts';
import { makePlan } from '#plan/make-plan.ts';
import type { Solver } from '#solve/solve-in-worker.ts';
import { parseTopology } from '#topology/parse-topology.ts';
import { median } from '../median.ts';
import { type BenchHost, makeBenchHost } from './bench-hosts.ts';
import { planInputFor } from './bench-inventory.ts';
import { countGuestNodes } from './guest-nodes.ts';
import type { BenchVm, PlanCase } from './plan-case.ts';
import { makeRandom } from './random.ts';
import { planAtOnce } from './run-ours.ts';

export interface SpeedPoint {
  readonly guests: number;
  readonly cpus: number;
  /** Until the first plan is there, and until it is proved or the work budget is spent; medians over the rounds. */
  readonly firstPlanMs: number;
  readonly provedMs: number;
  readonly rounds: number;
  /** How many of the rounds ended with a proof. */
  readonly proofs: number;
}

interface SpeedHost {
  readonly nodes: number;
  readonly llcsPerNode: number;
  /** With two threads each. */
  readonly coresPerLlc: number;
}

interface SpeedSize {
  readonly host: SpeedHost;
  readonly guests: readonly number[];
}

/** The host and the number of guests for which the bar is set. */
const BAR: SpeedSize = { host: { nodes: 8, llcsPerNode: 2, coresPerLlc: 8 }, guests: [60] };

/** Twelve guests on more CPUs than that would each be as large as several nodes: their proof does not end in minutes. */
const SIZES: readonly SpeedSize[] = [
  { host: { nodes: 2, llcsPerNode: 1, coresPerLlc: 8 }, guests: [12] },
  { host: { nodes: 8, llcsPerNode: 2, coresPerLlc: 8 }, guests: [12, 60] },
  { host: { nodes: 8, llcsPerNode: 6, coresPerLlc: 8 }, guests: [60, 250] },
  { host: { nodes: 16, llcsPerNode: 7, coresPerLlc: 8 }, guests: [60, 250, 1000] },
];

/** Per cent of the CPUs that are asked for. */
const FILL = 85;
/** Once a point has taken so long, no further round begins. */
const MOST_MS = 60_000;
const SIZES_OF_GUESTS = [1, 1, 2, 2, 4, 4, 6, 8];

/** The point of the bar. */
export const isBarPoint = ({ guests, cpus }: SpeedPoint): boolean => guests === 60 && cpus === 256;

interface SpeedOptions {
  readonly rounds: number;
  /** Only the point of the bar. */
  readonly quick: boolean;
  readonly openSolver: () => Solver;
}

/** Smallest hosts first; `rounds` other sets of guests for each point, fewer where that takes minutes. */
export async function* measureSpeed({ rounds, quick, openSolver }: SpeedOptions): AsyncGenerator<SpeedPoint> {
  for (const { host: size, guests } of quick ? [BAR] : SIZES) {
    const host = makeSpeedHost(size);
    for (const count of guests) {
      const times: { readonly firstMs: number; readonly provedMs: number; readonly isProved: boolean }[] = [];
      const began = performance.now();
      const isLong = () => performance.now() - began > MOST_MS;
      for (let round = 0; round < (count > 100 ? 1 : rounds) && !isLong(); round++) {
        times.push(await timeRound(makeSpeedCase(host, count, round), openSolver));
      }
      yield {
        guests: count,
        cpus: host.topology.online.size,
        firstPlanMs: median(times.map(({ firstMs }) => firstMs)),
        provedMs: median(times.map(({ provedMs }) => provedMs)),
        rounds: times.length,
        proofs: times.filter(({ isProved }) => isProved).length,
      };
    }
  }
}

/** The start of the solver counts. */
async function timeRound(planCase: PlanCase, openSolver: () => Solver) {
  const vms = planCase.events.flatMap(event => (event.kind === 'arrive' ? [event.vm] : []));
  const input = planInputFor(planCase.host, vms);
  const began = performance.now();
  makePlan(input);
  const between = performance.now();
  const solver = openSolver();
  const plan = await planAtOnce(planCase, solver.solve);
  await solver.close();
  const ended = performance.now();
  const isProved = plan.kind === 'plan' ? plan.proof.kind === 'optimal' : plan.proved;
  return { firstMs: between - began, provedMs: ended - between, isProved };
}

function makeSpeedHost({ nodes, llcsPerNode, coresPerLlc }: SpeedHost): BenchHost {
  const shape: Shape = {
    model: 'speed',
    numbering: 'siblings-last',
    llcs: Array.from({ length: nodes * llcsPerNode }, (_, llc) => ({
      package: Math.floor(llc / llcsPerNode / 4),
      node: Math.floor(llc / llcsPerNode),
      sizeKiB: 32_768,
      cores: [{ count: coresPerLlc, threads: 2 }],
    })),
    nodes: Array.from({ length: nodes }, (_, id) => {
      const memoryMiB = llcsPerNode * coresPerLlc * 8192;
      return { id, memoryMiB, freeMiB: memoryMiB, cacheMiB: 0, hugepages: {} };
    }),
    // Four nodes are a package.
    distances: Array.from({ length: nodes }, (_, from) =>
      Array.from({ length: nodes }, (_, to) =>
        from === to ? 10 : Math.floor(from / 4) === Math.floor(to / 4) ? 12 : 32,
      ),
    ),
  };
  const topology = parseTopology(makeTextTree(makeShapeTree(shape)));
  return makeBenchHost(`${topology.online.size} CPUs`, topology);
}

/** Exactly so many guests, large and small, which together ask for the fill at most. */
function makeSpeedCase(host: BenchHost, count: number, round: number): PlanCase {
  const name = `${host.name} ${count} guests ${round}`;
  const random = makeRandom(name);
  const weights = Array.from({ length: count }, () => random.pick(SIZES_OF_GUESTS));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const cpus = Math.floor((host.topology.online.difference(host.housekeeping).size * FILL) / 100);
  const vms = weights.map((weight, index): BenchVm => {
    const wanted = { vcpus: Math.max(1, Math.floor((cpus * weight) / all)), smt: 'any', memoryMiB: 1024 } as const;
    const guestNodes = countGuestNodes(wanted, host);
    return { ...wanted, vmid: vmId(100 + index), guestNodes, deviceNode: null, class: 'dedicated', span: 'node' };
  });
  return { name, host, events: vms.map(vm => ({ kind: 'arrive', vm })) };
}
