// Large-cache dies: LLC domains with a stacked cache beside ordinary ones, told by their sizes and never by a model name.
import type { LlcDomain, Package } from './host-topology.ts';

const LARGE_FACTOR = 2;
/** Small processors mix unequal caches for other reasons: this much is a cache that guests are placed for. */
const LARGE_FROM_KIB = 64 * 1024;

/**
 * Marks domains with at least twice the cache of the smallest of the same level in their package, and at least 64 MiB.
 * Nothing is gained by choosing a die where all dies of a package are alike, even beside another package with unlike ones.
 * Unequal numbers of cores do not matter.
 */
export function markLargeCaches(llcs: readonly LlcDomain[], packages: readonly Package[]): readonly LlcDomain[] {
  const packageOf = new Map(llcs.map(llc => [llc.id, findPackage(llc, packages)]));
  return llcs.map(llc => {
    const siblings = llcs.filter(
      other => other.level === llc.level && packageOf.get(other.id) === packageOf.get(llc.id),
    );
    const sizes = siblings.map(({ sizeKiB }) => sizeKiB).filter(sizeKiB => sizeKiB !== null);
    const isLarge = (llc.sizeKiB ?? 0) >= Math.max(LARGE_FACTOR * Math.min(...sizes), LARGE_FROM_KIB);
    return isLarge ? { ...llc, large: true } : llc;
  });
}

const findPackage = ({ cpus: { first } }: LlcDomain, packages: readonly Package[]): Package | undefined =>
  packages.find(({ cpus }) => first !== undefined && cpus.has(first));
