// How many cores the host itself should have, where nobody has said so and nobody is dedicated yet: counted, and picked in two ways.
import { hostKind, usualHousekeeping } from '#domain/host-kind.ts';
import type { CpuSet } from '#domain/id-set.ts';
import { type HousekeepingInput, makeDefaultHousekeeping } from './default-housekeeping.ts';
import { reserveCores } from './reserve-cores.ts';

export interface Reservation {
  /** As usual for this kind of host. */
  readonly usual: number;
  /** For storage daemons, and for many containers. */
  readonly storage: number;
  /** Null where it is not known what its links can carry: none is counted. */
  readonly network: number | null;
  /** What a plan keeps of itself, and the cores for the network. */
  readonly eachNode: CpuSet;
  /** As many, in as few nodes as possible; the same where there is only one node. */
  readonly together: CpuSet;
}

/** A rule of thumb: what one core can do for packets beside the guests' own work. */
const MBIT_PER_CORE = 25_000;

/** Null for a host that is too small to give cores away. Never more than half of the host. */
export function makeReservation(input: HousekeepingInput): Reservation | null {
  const { topology, networkMbit } = input.inventory;
  if (hostKind(topology) === 'small') return null;
  const kept = makeDefaultHousekeeping(input);
  const keptCores = topology.cores.filter(({ cpus }) => cpus.isSubsetOf(kept.cpus)).length;
  const usual = [...usualHousekeeping(topology).values()].reduce((sum, cores) => sum + cores, 0);
  const room = Math.max(0, Math.floor(topology.cores.length / 2) - keptCores);
  const network = networkMbit === undefined ? null : Math.min(room, Math.floor(networkMbit / MBIT_PER_CORE));
  const cores = keptCores + (network ?? 0);
  return {
    usual: Math.max(usual, keptCores - kept.more),
    storage: kept.more,
    network,
    eachNode: cores === keptCores ? kept.cpus : reserveCores(topology, cores, 'each-node').union(kept.cpus),
    together: reserveCores(topology, cores, 'together'),
  };
}
