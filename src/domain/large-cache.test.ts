// Tests of which caches count as large.
import { describe, expect, it } from 'vitest';
import type { LlcDomain } from './host-topology.ts';
import { cpuSet } from './id-set.ts';
import { llcId } from './ids.ts';
import { markLargeCaches } from './large-cache.ts';

const domain = (id: number, sizeMiB: number | null, level = 3): LlcDomain => ({
  id: llcId(id),
  cpus: cpuSet([id]),
  level,
  sizeKiB: sizeMiB === null ? null : sizeMiB * 1024,
});

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
    const marked = markLargeCaches(sizes.map((sizeMiB, id) => domain(id, sizeMiB)));
    expect(marked.filter(llc => llc.large).map(llc => llc.id)).toEqual(large);
  });

  it('compares caches of one level only', () => {
    expect(markLargeCaches([domain(0, 96), domain(1, 4, 2)]).some(llc => llc.large)).toBe(false);
  });
});
