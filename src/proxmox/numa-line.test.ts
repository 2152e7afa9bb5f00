// `numaN` values in both directions.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GuestNumaNode } from '#domain/guest.ts';
import { numaNodeId, vcpuIndex } from '#domain/ids.ts';
import { encodeNumaLine, garblesHostNodes, parseNumaLine } from './numa-line.ts';

const nodes = (...ids: number[]) => ids.map(numaNodeId);
const vcpus = (...ids: number[]) => ids.map(vcpuIndex);

describe('parseNumaLine()', () => {
  it.each<[string, Omit<GuestNumaNode, 'index'>]>([
    [
      'cpus=0-3,memory=8192,hostnodes=0,policy=preferred',
      { vcpus: vcpus(0, 1, 2, 3), memoryMiB: 8192, hostNodes: nodes(0), policy: 'preferred' },
    ],
    ['cpus=0;2', { vcpus: vcpus(0, 2), memoryMiB: null, hostNodes: [], policy: null }],
    [
      'policy=bind,hostnodes=0-1,cpus=4-5',
      { vcpus: vcpus(4, 5), memoryMiB: null, hostNodes: nodes(0, 1), policy: 'bind' },
    ],
    ['cpus=0,memory=512.5,', { vcpus: vcpus(0), memoryMiB: 512.5, hostNodes: [], policy: null }],
    ['cpus=0,hostnodes=0;1,policy=bind', { vcpus: vcpus(0), memoryMiB: null, hostNodes: nodes(0, 1), policy: 'bind' }],
  ])('reads %j', (text, node) => {
    expect(parseNumaLine(3, text)).toEqual({ index: 3, ...node });
  });

  it.each([
    ['memory=512', 'cpus: property is missing'],
    ['cpus=', 'missing key'],
    ['cpus=a', 'cpus: value does not match'],
    ['cpus=0,1', 'value without key'],
    ['cpus=0;', 'cpus: value does not match'],
    ['cpus=3-1', 'range start 3 is after end 1'],
    ['cpus=0,hostnodes=1-0', 'Cannot parse host node list "1-0": range start 1 is after end 0'],
    ['cpus=x0', 'cpus: value does not match'],
    ['cpus=0,memory=8g', "type check ('number') failed - got '8g'"],
    ['cpus=0,policy=strict', "value 'strict' does not have a value in the enumeration 'preferred, bind, interleave'"],
    ['cpus=0,policy=Bind', "value 'Bind'"],
    ['cpus=0,foo=1', 'invalid key in comma-separated list property: foo'],
    ['cpus=0,cpus=1', 'duplicate key in comma-separated list property: cpus'],
    ['', 'cpus: property is missing'],
  ])('refuses %j', (text, message) => {
    expect(() => parseNumaLine(0, text)).toThrow(message);
  });
});

describe('encodeNumaLine()', () => {
  it('writes lists with semicolons', () => {
    const node = { vcpus: vcpus(0, 1, 4), memoryMiB: 4096, hostNodes: nodes(33), policy: 'bind' } as const;
    expect(encodeNumaLine(node)).toBe('cpus=0-1;4,memory=4096,hostnodes=33,policy=bind');
  });

  it('writes only what is set', () => {
    expect(encodeNumaLine({ vcpus: vcpus(0), memoryMiB: null, hostNodes: [], policy: null })).toBe('cpus=0');
  });

  it.each<[string, Omit<GuestNumaNode, 'index'>]>([
    ['a guest NUMA node without vCPUs', { vcpus: [], memoryMiB: 512, hostNodes: [], policy: null }],
    ['host nodes 0;2 are not one range', { vcpus: vcpus(0), memoryMiB: 512, hostNodes: nodes(0, 2), policy: 'bind' }],
    ['host nodes without a memory policy', { vcpus: vcpus(0), memoryMiB: 512, hostNodes: nodes(0), policy: null }],
  ])('takes %s for a bug', (problem, node) => {
    expect(() => encodeNumaLine(node)).toThrow(`internal error: ${problem}`);
  });

  it('is undone by parseNumaLine() for every node', () => {
    const hostNodes = fc
      .tuple(fc.nat({ max: 80 }), fc.nat({ max: 3 }))
      .map(([first, more]) => Array.from({ length: more + 1 }, (_, index) => numaNodeId(first + index)));
    const node = fc.record({
      index: fc.nat({ max: 7 }),
      vcpus: fc
        .uniqueArray(fc.nat({ max: 300 }), { minLength: 1 })
        .map(list => list.sort((a, b) => a - b).map(vcpuIndex)),
      memoryMiB: fc.option(fc.integer({ min: 1, max: 4_000_000 })),
      hostNodes,
      policy: fc.constantFrom('preferred', 'bind', 'interleave'),
    });
    fc.assert(
      fc.property(node, value => {
        expect(parseNumaLine(value.index, encodeNumaLine(value))).toEqual(value);
      }),
    );
  });
});

describe('garblesHostNodes()', () => {
  it.each([
    ['cpus=0;1,hostnodes=0,policy=bind', false],
    ['cpus=0,hostnodes=0-1', false],
    ['hostnodes=0;1,cpus=0', true],
    ['cpus=0,hostnodes=0-1;3', true],
  ])('%s: %s', (text, garbled) => {
    expect(garblesHostNodes(text)).toBe(garbled);
  });
});
