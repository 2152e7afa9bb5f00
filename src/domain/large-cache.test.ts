// Tests of which caches count as large.
import { describe, expect, it } from 'vitest';
import type { LlcDomain, Package } from './host-topology.ts';
import { cpuSet } from './id-set.ts';
import { llcId, packageId } from './ids.ts';
import { markLargeCaches } from './large-cache.ts';

const domain = (id: number, sizeMiB: number | null, level = 3): LlcDomain => ({
  id: llcId(id),
  cpus: cpuSet([id]),
  level,
  sizeKiB: sizeMiB === null ? null : sizeMiB * 1024,
});

/** Packages of one to many CPUs each, in order: the CPU of a domain here is its id. */
const packagesOf = (...members: readonly (readonly number[])[]): readonly Package[] =>
  members.map((cpus, id) => ({ id: packageId(id), cpus: cpuSet(cpus) }));

const largeOf = (llcs: readonly LlcDomain[], packages: readonly Package[]) =>
  markLargeCaches(llcs, packages)
    .filter(llc => llc.large)
    .map(llc => llc.id);

describe('markLargeCaches()', () => {
  it.each([
    { sizes: [96, 32], large: [0], why: 'a stacked cache beside an ordinary one' },
    { sizes: [32, 96], large: [1], why: 'whichever die comes first' },
    { sizes: [64, 32], large: [0], why: 'exactly twice and exactly 64 MiB' },
    { sizes: [63, 30], large: [], why: 'less than 64 MiB' },
    { sizes: [96, 64], large: [], why: 'less than twice' },
    { sizes: [96, 96], large: [], why: 'all alike' },
    { sizes: [768], large: [], why: 'nothing to compare with' },
    { sizes: [96, null], large: [], why: 'the other size is not known' },
    { sizes: [null, null], large: [], why: 'no size is known' },
    { sizes: [96, 32, null], large: [0], why: 'two of three sizes are known' },
  ])('marks $large of $sizes MiB: $why', ({ sizes, large }) => {
    const llcs = sizes.map((sizeMiB, id) => domain(id, sizeMiB));
    expect(largeOf(llcs, packagesOf(sizes.map((_, id) => id)))).toEqual(large);
  });

  it('compares caches of one level only', () => {
    expect(largeOf([domain(0, 96), domain(1, 4, 2)], packagesOf([0, 1]))).toEqual([]);
  });

  it.each([
    { sizes: [96, 32, 96, 32], large: [0, 2], why: 'one large die in each of two packages' },
    { sizes: [96, 96, 32, 32], large: [], why: 'a package of large dies beside one of small ones' },
    { sizes: [96, 32, 32, 32], large: [0], why: 'a large die in one of two packages' },
    { sizes: [96, 64, 32, 32], large: [], why: 'twice the cache of the other package only' },
  ])('marks $large of $sizes MiB in two packages: $why', ({ sizes, large }) => {
    const llcs = sizes.map((sizeMiB, id) => domain(id, sizeMiB));
    expect(largeOf(llcs, packagesOf([0, 1], [2, 3]))).toEqual(large);
  });

  it('marks nothing in packages of one die, however unlike the packages are', () => {
    expect(largeOf([domain(0, 320), domain(1, 64)], packagesOf([0], [1]))).toEqual([]);
  });
});
