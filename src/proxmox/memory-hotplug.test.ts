// Static memory, DIMMs and the limit of VMs with memory hotplug.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import { dimmsFor, largestMemoryMiB, staticMemoryMiB } from './memory-hotplug.ts';
import type { StartHost } from './start-host.ts';

const values = (entries: Record<string, string>) => new Map(Object.entries(entries));
const host = (physicalAddressBits: number | null): StartHost => ({
  onlineCpus: cpuSet([0]),
  nodes: nodeSet([0]),
  memoryNodes: nodeSet([0]),
  hugepageSizesKiB: new Set(),
  physicalAddressBits,
});

describe('staticMemoryMiB()', () => {
  it.each([
    [{ sockets: '2' }, 1024],
    [{ sockets: '2', hugepages: '2' }, 1024],
    [{ sockets: '2', hugepages: '1024' }, 2048],
    [{ smp: '2', hugepages: '1024' }, 1024],
  ])('%j: %d', (entries: Record<string, string>, size) => {
    expect(staticMemoryMiB(values(entries))).toBe(size);
  });
});

describe('dimmsFor()', () => {
  it('gives none when the static memory is all', () => {
    expect(dimmsFor(values({}), 1024)).toEqual([]);
  });

  it('deals DIMMs out to the nodes, and doubles their size after each 32', () => {
    const dimms = dimmsFor(values({ sockets: '2' }), 1024 + 32 * 512 + 2 * 1024);
    expect(dimms).toHaveLength(34);
    expect([dimms[0], dimms[1], dimms[32], dimms[33]]).toEqual([
      { name: 'dimm0', sizeMiB: 512, node: 0, totalMiB: 1536 },
      { name: 'dimm1', sizeMiB: 512, node: 1, totalMiB: 2048 },
      { name: 'dimm32', sizeMiB: 1024, node: 0, totalMiB: 1024 + 32 * 512 + 1024 },
      { name: 'dimm33', sizeMiB: 1024, node: 1, totalMiB: 1024 + 32 * 512 + 2048 },
    ]);
  });

  it('starts each group of 32 at the first node', () => {
    expect(dimmsFor(values({ sockets: '3' }), 1024 + 32 * 512 + 1024).at(-1)?.node).toBe(0);
  });

  it('never gives more than 256, and reaches the memory before unless that is too large', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1024, max: 4_194_304 }), memoryMiB => {
        const dimms = dimmsFor(values({}), memoryMiB);
        const last = dimms.at(-1);
        expect(dimms.length).toBeLessThanOrEqual(256);
        expect(dimms.length === 256 || (last?.totalMiB ?? 1024) >= memoryMiB).toBe(true);
        expect((last?.totalMiB ?? 1024) - (last?.sizeMiB ?? 0)).toBeLessThanOrEqual(memoryMiB);
      }),
    );
  });
});

describe('largestMemoryMiB()', () => {
  it.each([
    [undefined, 46, 2 ** 19],
    [undefined, 39, 2 ** 17],
    [undefined, null, 2 ** 15],
    ['host', 46, 4 * 1024 * 1024],
    ['host,flags=+aes', 42, 2 ** 21],
    ['cputype=max', 42, 2 ** 21],
    ['kvm64,phys-bits=host', 42, 2 ** 21],
    ['kvm64,phys-bits=host', null, 2 ** 15],
    ['kvm64,phys-bits=36', 46, 2 ** 15],
    ['x86-64-v2-AES', 52, 2 ** 19],
  ])('of %s on a host with %s bits: %d', (cpu, bits, largest) => {
    expect(largestMemoryMiB(cpu, host(bits))).toBe(largest);
  });
});
