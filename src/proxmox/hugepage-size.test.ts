// Which page size Proxmox takes, and when it takes none.
import { describe, expect, it } from 'vitest';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import { chooseHugepageSize, hugepagePath } from './hugepage-size.ts';
import type { StartHost } from './start-host.ts';

const host = (...sizesMiB: number[]): StartHost => ({
  onlineCpus: cpuSet([0]),
  nodes: nodeSet([0]),
  memoryNodes: nodeSet([0]),
  hugepageSizesKiB: new Set(sizesMiB.map(size => size * 1024)),
  physicalAddressBits: 40,
});

describe('chooseHugepageSize()', () => {
  it.each([
    ['2048', 'any', [2, 1024], '1024'],
    ['2050', 'any', [2, 1024], '2'],
    ['2048', 'any', [2], '2'],
    ['512', '2', [2, 1024], '2'],
    ['3072', '1024', [2, 1024], '1024'],
    ['4096.5', '2', [2], '2'],
    ['512', '1G', [1, 2], '1G'],
  ])('of %s MiB with %s where there are %j MiB: %s', (size, wanted, sizes, chosen) => {
    expect(chooseHugepageSize(size, wanted, host(...sizes))).toBe(chosen);
  });

  it.each([
    ['513', 'any', [2, 1024], 'hugepages-odd-size', "memory size '513' is not a positive even integer"],
    ['341.333333333333', '2', [2], 'hugepages-odd-size', "memory size '341.333333333333' is not"],
    ['0.0', '2', [2], 'hugepages-odd-size', "memory size '0.0' is not"],
    ['-2', '2', [2], 'hugepages-odd-size', "memory size '-2' is not"],
    ['512', 'any', [], 'hugepages-unsupported', "your system doesn't support hugepages"],
    ['512', 'any', [1024], 'hugepages-unsupported', 'host only supports 1024 GB hugepages'],
    ['1024', '1024', [2], 'hugepages-unsupported', "your system doesn't support hugepages of 1024 MB"],
    ['1024', 'junk', [2], 'hugepages-unsupported', "your system doesn't support hugepages of junk MB"],
    ['1536', '1024', [2, 1024], 'hugepages-not-multiple', 'Memory size 1536 is not a multiple'],
  ])('refuses %s MiB with %s where there are %j MiB', (size, wanted, sizes, code, message) => {
    expect(() => chooseHugepageSize(size, wanted, host(...sizes))).toThrow(
      expect.objectContaining({
        problem: expect.objectContaining({ code }),
        message: expect.stringContaining(message),
      }),
    );
  });
});

describe('hugepagePath()', () => {
  it.each([
    ['2', '/run/hugepages/kvm/2048kB'],
    ['1024', '/run/hugepages/kvm/1048576kB'],
    ['1G', '/run/hugepages/kvm/1024kB'],
  ])('of %s', (size, path) => {
    expect(hugepagePath(size)).toBe(path);
  });
});
