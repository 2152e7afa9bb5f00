// Large-cache dies: LLC domains with a stacked cache beside ordinary ones, told by their sizes and never by a model name.
import type { LlcDomain } from './host-topology.ts';

const LARGE_FACTOR = 2;
/** Small processors mix unequal caches for other reasons: this much is a cache that guests are placed for. */
const LARGE_FROM_KIB = 64 * 1024;

/**
 * Marks domains with at least twice the cache of the smallest of the same level, and at least 64 MiB.
 * Where every domain is alike none is marked: nothing is gained by choosing one. Unequal numbers of cores do not matter.
 */
export function markLargeCaches(llcs: readonly LlcDomain[]): readonly LlcDomain[] {
  return llcs.map(llc => {
    const siblings = llcs.filter(other => other.level === llc.level).map(other => other.sizeKiB);
    const smallest = Math.min(...siblings.filter(sizeKiB => sizeKiB !== null));
    const isLarge = (llc.sizeKiB ?? 0) >= Math.max(LARGE_FACTOR * smallest, LARGE_FROM_KIB);
    return isLarge ? { ...llc, large: true } : llc;
  });
}
