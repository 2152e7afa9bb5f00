// Why there is no plan: a set of requests that cannot stand together, from which none can be left out.
import { unionOf } from '#domain/id-set.ts';
import type { Infeasible, Request } from '#domain/plan.ts';
import type { Demand } from './demand.ts';
import { searchArrangement } from './search.ts';
import type { HostModel, Room } from './shapes.ts';

export interface ConflictInput {
  readonly demands: readonly Demand[];
  readonly host: HostModel;
  readonly memoryMiB: Room['memoryMiB'];
  readonly budget: number;
  readonly mostMoves: number | null;
}

/**
 * 1. Try the requests one by one: one that does not isFeasible alone is the conflict.
 * 2. Else drop every request without which the rest still does not isFeasible, the least important first.
 * 3. Say what is lacking: with unlimited memory it would isFeasible → memory; else cores, or the way they lie.
 */
export function findConflict(input: ConflictInput): Pick<Infeasible, 'conflict' | 'available' | 'lack'> {
  const { demands, host, memoryMiB } = input;
  const isFeasible = (some: readonly Demand[], memory: Room['memoryMiB'] = memoryMiB) =>
    searchArrangement({ ...input, demands: some, memoryMiB: memory, seed: null }).kind === 'found';
  const alone = demands.find(demand => !isFeasible([demand]));
  let conflict = alone ? [alone] : [...demands];
  for (const demand of alone ? [] : [...demands].reverse()) {
    const without = conflict.filter(other => other !== demand);
    if (!isFeasible(without)) conflict = without;
  }
  return {
    conflict: conflict.map(demand => makeRequest(demand, threadsOf(host))),
    available: {
      cores: host.groups.reduce((sum, group) => sum + group.cores.length, 0),
      cpus: unionOf(host.groups.flatMap(group => group.cores.map(core => core.cpus))),
      nodeMiB: memoryMiB,
    },
    lack: lackOf(conflict, host, isFeasible),
  };
}

/** What a guest asks for, as it is told to people; `threads` is the most that a core has. */
export function makeRequest(demand: Demand, threads: number): Request {
  const { vmid, class: guestClass, vcpus, memoryMiB } = demand;
  return { vmid, class: guestClass, vcpus, cores: coresFor(demand, threads), memoryMiB };
}

const coresFor = ({ vcpus, smt }: Demand, threads: number): number =>
  smt === 'isolate' ? vcpus : Math.ceil(vcpus / threads);

const threadsOf = (host: HostModel): number => Math.max(1, ...host.groups.map(group => group.threads));

function lackOf(
  conflict: readonly Demand[],
  host: HostModel,
  isFeasible: (some: readonly Demand[], memory: Room['memoryMiB']) => boolean,
): Infeasible['lack'] {
  if (isFeasible(conflict, new Map())) return 'memory';
  if (conflict.some(demand => demand.vcpus === 0)) return 'cpus';
  const dedicated = conflict.filter(demand => demand.class === 'dedicated');
  const needed = dedicated.reduce((sum, demand) => sum + coresFor(demand, threadsOf(host)) + demand.emulatorCores, 0);
  const there = host.groups.reduce((sum, group) => sum + group.cores.length, 0);
  if (needed > there) return 'cores';
  if (dedicated.some(demand => demand.smt === 'pairs') && host.groups.every(group => group.threads < 2))
    return 'core-kind';
  return 'placement';
}
