// Every way in which confined guests can crowd one cache.
import { crowding } from './aim-values.ts';

export interface Crowd {
  /** How many guests of each size are there, in the order of the sizes. */
  readonly counts: readonly number[];
  /** Cores of the cache that dedicated guests have. */
  readonly inUse: number;
  readonly pressure: number;
}

/** A cache, and who may crowd it. */
export interface CrowdInput {
  readonly cpus: number;
  readonly cores: number;
  /** CPUs that confined guests lose with each core in dedicated use. */
  readonly openThreads: number;
  /** Sizes of guests in vCPUs, each with how many guests there are. */
  readonly sizes: ReadonlyArray<{ readonly vcpus: number; readonly guests: number }>;
  /** Crowds under more pressure than this come into no question. */
  readonly mostPressure: number;
}

/** Null when there are more than `most`. A guest needs as many free CPUs in its cache as it has vCPUs. */
export function makeCrowds(input: CrowdInput, most: number): readonly Crowd[] | null {
  const { cpus, cores, openThreads, sizes, mostPressure } = input;
  const crowds: Crowd[] = [];
  const free = (inUse: number) => cpus - inUse * openThreads;
  const fill = (inUse: number, counts: readonly number[], vcpus: number): boolean => {
    const size = sizes[counts.length];
    if (size === undefined) {
      crowds.push({ counts, inUse, pressure: crowding(vcpus, free(inUse)) });
      return crowds.length <= most;
    }
    for (let count = 0; count <= size.guests; count++) {
      const after = vcpus + count * size.vcpus;
      if (count > 0 && (size.vcpus > free(inUse) || crowding(after, free(inUse)) > mostPressure)) return true;
      if (!fill(inUse, [...counts, count], after)) return false;
    }
    return true;
  };
  for (let inUse = 0; inUse <= cores; inUse++) if (!fill(inUse, [], 0)) return null;
  return crowds;
}
