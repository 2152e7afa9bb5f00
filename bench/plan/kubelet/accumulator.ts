// The kubelet's view of what is free: packages, NUMA nodes, caches, cores and CPUs, each kind with the fullest first.

import type { HostTopology } from '#domain/host-topology.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import type { CpuId } from '#domain/ids.ts';

/** A package, a NUMA node, a last-level cache or a core. */
export interface Unit {
  readonly id: number;
  readonly cpus: CpuSet;
}

/** Free CPUs, from which a request takes until it has enough. */
export class Accumulator {
  readonly #topology: HostTopology;
  readonly #free: Set<CpuId>;
  readonly #taken: CpuId[] = [];
  readonly #count: number;

  constructor(topology: HostTopology, free: CpuSet, count: number) {
    this.#topology = topology;
    this.#free = new Set(free);
    this.#count = count;
  }

  get needed(): number {
    return this.#count - this.#taken.length;
  }

  get taken(): CpuSet {
    return cpuSet(this.#taken);
  }

  freeIn(unit: Unit): readonly CpuId[] {
    return unit.cpus.ids.filter(cpu => this.#free.has(cpu));
  }

  take(cpus: Iterable<CpuId>): void {
    for (const cpu of cpus) {
      this.#free.delete(cpu);
      this.#taken.push(cpu);
    }
  }

  /** One after the other, each wholly free unit that is not larger than what is still needed. */
  takeWhole(units: readonly Unit[]): void {
    for (const unit of units) if (unit.cpus.size <= this.needed) this.take(unit.cpus);
  }

  wholeOf(units: readonly Unit[]): readonly Unit[] {
    return units.filter(unit => this.freeIn(unit).length === unit.cpus.size);
  }

  /** With at least one free CPU, fewest first, then by id. */
  fullestFirst(units: readonly Unit[]): readonly Unit[] {
    return units
      .map(unit => ({ unit, free: this.freeIn(unit).length }))
      .filter(({ free }) => free > 0)
      .toSorted((a, b) => a.free - b.free || a.unit.id - b.unit.id)
      .map(({ unit }) => unit);
  }

  /** Whatever there are fewer of, packages or NUMA nodes, in order. */
  outer(): readonly Unit[] {
    return this.fullestFirst(this.#nodesAreOuter() ? this.#nodes() : this.#topology.packages);
  }

  /** The others, in the order of what they lie in. */
  inner(): readonly Unit[] {
    return this.#inside(this.outer(), this.#nodesAreOuter() ? this.#topology.packages : this.#nodes());
  }

  nodes(): readonly Unit[] {
    return this.#nodesAreOuter() ? this.outer() : this.inner();
  }

  packages(): readonly Unit[] {
    return this.#nodesAreOuter() ? this.inner() : this.outer();
  }

  llcs(): readonly Unit[] {
    return this.#inside(this.nodes(), this.#topology.llcs);
  }

  cores(): readonly Unit[] {
    return this.#inside(this.inner(), this.#topology.cores);
  }

  coresIn(unit: Unit): readonly Unit[] {
    return this.#topology.cores.filter(core => !core.cpus.isDisjointFrom(unit.cpus));
  }

  /** Core by core: fills what is begun. */
  cpusByCore(): readonly CpuId[] {
    return this.cores().flatMap(core => this.freeIn(core));
  }

  /** In the order of their numbers, package by package: on most servers one thread of every core first. */
  cpusByNumber(): readonly CpuId[] {
    return this.packages().flatMap(unit => this.freeIn(unit));
  }

  #nodes(): readonly Unit[] {
    return this.#topology.nodes.filter(node => !node.cpus.isEmpty);
  }

  #nodesAreOuter(): boolean {
    return this.#topology.packages.length >= this.#nodes().length;
  }

  #inside(outer: readonly Unit[], units: readonly Unit[]): readonly Unit[] {
    const inside = outer.flatMap(around =>
      this.fullestFirst(units.filter(unit => unit.cpus.ids.some(cpu => around.cpus.has(cpu) && this.#free.has(cpu)))),
    );
    return [...new Set(inside)];
  }
}
