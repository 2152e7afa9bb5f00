// Where the map says that a guest's memory is.
import { expect, it } from 'vitest';
import { nodeSet } from '#domain/id-set.ts';
import { numaNodeId } from '#domain/ids.ts';
import { makeVm, makeVmRuntime } from '#fixtures/make-inventory.ts';
import { memoryNodesText } from './host-map-legend.ts';

const numaNodes = [
  { index: 0, vcpus: [], memoryMiB: 1024, hostNodes: [0, 1].map(numaNodeId), policy: 'bind' as const },
];

it('memoryNodesText() tells of a stopped guest what QEMU will be told, not what was written', () => {
  expect(memoryNodesText(makeVm(100, 2, { numaNodes, boundNodes: nodeSet([1]) }))).toBe('→1');
  expect(memoryNodesText(makeVm(100, 2, { numaNodes, boundNodes: nodeSet() }))).toBe('–');
});

it('memoryNodesText() tells of a running guest where its pages are', () => {
  const runtime = makeVmRuntime(2, [0], { resident: { 0: 300, 1: 100 } });
  expect(memoryNodesText(makeVm(100, 2, { boundNodes: nodeSet([1]), runtime }))).toBe('0:75% 1:25%');
});
