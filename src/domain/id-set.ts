// An immutable, ordered set of ids of one kind: CPUs or NUMA nodes.
import type { CpuId, NumaNodeId } from './ids.ts';

/** Looking through so many ids is quicker than a set of them; most sets are the threads of a core. */
const FEW = 8;

export class IdSet<Id extends number> {
  /** Ascending, without duplicates. */
  readonly ids: readonly Id[];
  /** Made when somebody first asks for a member: of most sets nobody does, and few ids are found without. */
  #members: ReadonlySet<Id> | null = null;

  private constructor(ids: readonly Id[]) {
    this.ids = ids;
  }

  static of<Id extends number>(ids: Iterable<Id> = []): IdSet<Id> {
    return new IdSet([...new Set(ids)].sort((a, b) => a - b));
  }

  get size(): number {
    return this.ids.length;
  }

  get isEmpty(): boolean {
    return this.ids.length === 0;
  }

  get first(): Id | undefined {
    return this.ids[0];
  }

  has(id: Id): boolean {
    if (this.ids.length <= FEW) return this.ids.includes(id);
    this.#members ??= new Set(this.ids);
    return this.#members.has(id);
  }

  union(other: IdSet<Id>): IdSet<Id> {
    return IdSet.of([...this.ids, ...other.ids]);
  }

  intersection(other: IdSet<Id>): IdSet<Id> {
    return this.filter(id => other.has(id));
  }

  difference(other: IdSet<Id>): IdSet<Id> {
    return this.filter(id => !other.has(id));
  }

  filter(keep: (id: Id) => boolean): IdSet<Id> {
    return new IdSet(this.ids.filter(keep));
  }

  isSubsetOf(other: IdSet<Id>): boolean {
    return this.ids.every(id => other.has(id));
  }

  isDisjointFrom(other: IdSet<Id>): boolean {
    return !this.ids.some(id => other.has(id));
  }

  equals(other: IdSet<Id>): boolean {
    return this.size === other.size && this.isSubsetOf(other);
  }

  [Symbol.iterator](): Iterator<Id> {
    return this.ids[Symbol.iterator]();
  }
}

export type CpuSet = IdSet<CpuId>;
export type NodeSet = IdSet<NumaNodeId>;

export const cpuSet = (ids: Iterable<number> = []): CpuSet => IdSet.of(ids as Iterable<CpuId>);
export const nodeSet = (ids: Iterable<number> = []): NodeSet => IdSet.of(ids as Iterable<NumaNodeId>);

/** The union of many sets; empty for none. */
export function unionOf<Id extends number>(sets: Iterable<IdSet<Id>>): IdSet<Id> {
  return IdSet.of([...sets].flatMap(set => set.ids));
}
