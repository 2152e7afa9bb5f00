// The kubelet's CPU manager, packed: best fit from large units to small ones, without a look at distances or other guests.

import type { HostTopology } from '#domain/host-topology.ts';
import type { CpuSet } from '#domain/id-set.ts';
import { threadsPerCore } from '../free-cpus.ts';
import { Accumulator } from './accumulator.ts';

/** What is wanted of which CPUs. */
export interface CpuDemand {
  readonly topology: HostTopology;
  readonly free: CpuSet;
  readonly count: number;
}

interface PackedOptions {
  /** Fill last-level caches before cores. */
  readonly alignCaches?: boolean;
  /** Leave out the step that takes whole cores. */
  readonly acrossCores?: boolean;
}

/**
 * 1. Whole free packages or NUMA nodes, those first of which there are fewer. 2. The other of the two. 3. Caches, if asked to.
 * 4. Whole free cores. 5. Single CPUs. Every kind in the order fewest free CPUs first. Null: too few are free.
 */
export function takePacked(
  { topology, free, count }: CpuDemand,
  { alignCaches = false, acrossCores = false }: PackedOptions = {},
): CpuSet | null {
  if (count > free.size) return null;
  const accumulator = new Accumulator(topology, free, count);
  accumulator.takeWhole(accumulator.wholeOf(accumulator.outer()));
  accumulator.takeWhole(accumulator.wholeOf(accumulator.inner()));
  if (alignCaches) takeFromCaches(accumulator, threadsPerCore(topology));
  if (!acrossCores) accumulator.takeWhole(accumulator.wholeOf(accumulator.cores()));
  const single = acrossCores ? accumulator.cpusByNumber() : accumulator.cpusByCore();
  accumulator.take(single.slice(0, accumulator.needed));
  return accumulator.taken;
}

/** Cache by cache: wholly free ones while there is need for a whole one, then all of the rest from this one if it has it. */
function takeFromCaches(accumulator: Accumulator, threads: number): void {
  for (const llc of accumulator.llcs()) {
    if (accumulator.needed >= llc.cpus.size) accumulator.takeWhole(accumulator.wholeOf(accumulator.llcs()));
    if (accumulator.needed === 0) return;
    const cores = accumulator.coresIn(llc).filter(core => accumulator.freeIn(core).length > 0);
    const cpus = cores.slice(0, Math.ceil(accumulator.needed / threads)).flatMap(core => accumulator.freeIn(core));
    if (cpus.length < accumulator.needed) continue;
    accumulator.take(cpus.toSorted((a, b) => a - b).slice(0, accumulator.needed));
    return;
  }
}
