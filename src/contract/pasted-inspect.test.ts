// The JSON of a pasted output: what is told as everywhere, null for the rest.
import { expect, test } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { numaNodeId } from '#domain/ids.ts';
import { encodePastedInspect } from './pasted-inspect.ts';

test('encodePastedInspect() writes sets as lists, distances by node, and null for what is not told', () => {
  const node = { id: numaNodeId(1), cpus: cpuSet([0, 1]), memoryMiB: null, distances: new Map([[numaNodeId(1), 10]]) };
  const unknown = [{ path: 'a.txt', reason: 'cores: not told' }];
  const parts = { present: null, online: null, model: null, packages: null, llcs: null, cores: null };
  expect(encodePastedInspect({ tool: 'lscpu', ...parts, nodes: [node], unknown }, 'a.txt')).toEqual({
    schema: 'berth/inspect/1',
    from: 'lscpu',
    node: null,
    simulated: false,
    topology: {
      ...parts,
      isolated: null,
      nohzFull: null,
      nodes: [{ id: 1, cpus: '0-1', memoryMiB: null, distances: { '1': 10 } }],
      unknown,
    },
    memory: null,
    guests: null,
    placement: null,
    unknown: [{ path: 'a.txt', reason: expect.stringContaining('guests') }],
  });
});
