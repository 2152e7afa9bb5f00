// Every way in which confined guests can crowd one cache.
import type { Demand } from './demand.ts';

export interface Crowd {
  /** How many guests of each size are there, in the order of the sizes. */
  readonly counts: readonly number[];
  /** Cores of the cache that dedicated guests have. */
  readonly inUse: number;
  readonly pressure: number;
}

/** What decides the pressure in a cache, in vCPUs and CPUs. */
export interface Crowding {
  /** Of guests confined to it. */
  readonly inCache: number;
  /** Of guests confined to its node; 0 where the node has other caches too. */
  readonly inNode: number;
  readonly cpus: number;
}

/** A cache, and who may crowd it. */
export interface CrowdInput {
  readonly cpus: number;
  readonly cores: number;
  /** CPUs that confined guests lose with each core in dedicated use. */
  readonly openThreads: number;
  readonly sizes: readonly CrowdSize[];
  readonly pressureOf: (crowding: Crowding) => number;
  /** Whether a crowd comes into no question. */
  readonly isHopeless: (crowding: Crowding) => boolean;
}

/** Confined guests that crowd alike, in vCPUs, with how many of them there are. */
export interface CrowdSize extends Pick<Demand, 'vcpus' | 'span'> {
  readonly guests: number;
}

/** Crowds that are looked at for each that may be made. */
const LOOKS = 50;

/** Null when there are too many. A guest needs as many free CPUs as it has vCPUs. */
export function makeCrowds(input: CrowdInput, most: number): readonly Crowd[] | null {
  const { cpus, cores, openThreads, sizes, pressureOf, isHopeless } = input;
  const crowds: Crowd[] = [];
  let looked = 0;
  const fill = (inUse: number, counts: readonly number[], crowding: Crowding): boolean => {
    const size = sizes[counts.length];
    if (size === undefined) {
      if (!isHopeless(crowding)) crowds.push({ counts, inUse, pressure: pressureOf(crowding) });
      return crowds.length <= most && ++looked <= LOOKS * most;
    }
    for (let count = 0; count <= size.guests; count++) {
      if (count > 0 && size.vcpus > crowding.cpus) return true;
      const vcpus = count * size.vcpus;
      const after =
        size.span === 'llc'
          ? { ...crowding, inCache: crowding.inCache + vcpus }
          : { ...crowding, inNode: crowding.inNode + vcpus };
      if (!fill(inUse, [...counts, count], after)) return false;
    }
    return true;
  };
  for (let inUse = 0; inUse <= cores; inUse++)
    if (!fill(inUse, [], { inCache: 0, inNode: 0, cpus: cpus - inUse * openThreads })) return null;
  return crowds;
}
