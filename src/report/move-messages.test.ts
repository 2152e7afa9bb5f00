// Every finding about a move is a sentence that names the node, and every step says why it is taken.
import { describe, expect, it } from 'vitest';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import { cpuId, numaNodeId } from '#domain/ids.ts';
import type { CpuSite, MoveFacts, MoveFinding } from '#domain/move.ts';
import { describeMovedCpu, describeMoveFinding } from './move-messages.ts';

const site: CpuSite = { node: null, llc: cpuSet(), largeCache: false, siblings: cpuSet(), kind: 'uniform' };
const names = { node: 'pve1', target: 'pve2' };

/** One sample for each code: a missing one does not compile. */
const SAMPLES: MoveFacts = {
  'vcpus-over-cpus': { vcpus: 8, cpus: 4 },
  'affinity-absent': { affinity: cpuSet([8]), online: cpuSet([0, 1]) },
  'affinity-narrower': { absent: cpuSet([8]), left: cpuSet([1]), vcpus: 4 },
  'pins-elsewhere': { cpus: [{ cpu: cpuId(1), here: site, there: site }] },
  'container-cpus-absent': { absent: cpuSet([8]), cpuset: cpuSet([1, 8]) },
  'host-nodes-absent': { key: 'numa0', nodes: nodeSet([1]) },
  'memory-apart': { memory: nodeSet([0]), cpus: nodeSet([1]) },
  'bind-too-large': { key: 'numa0', node: numaNodeId(0), memoryMiB: 9000, totalMiB: 8000 },
  'hugepages-absent': { hugepages: '1024', sizesKiB: [] },
  'device-absent': { key: 'hostpci0', address: '0000:01:00.0' },
  'device-differs': { key: 'hostpci0', address: '0000:01:00.0', here: null, there: '8086:1521' },
  'mapping-absent': { key: 'hostpci0', mapping: 'gpu\x1b[2J' },
  'passthrough-running': { keys: ['hostpci0'] },
  'hookscript-storage': { volume: 'nas:snippets/a', nodes: ['pve1'] },
  'hookscript-absent': { volume: 'local:snippets/a' },
  'start-refused': { problem: 'numa-memory-sum', keys: ['numa0'], says: null },
  'ha-managed': { resource: 'vm:100' },
  'ha-elsewhere': { resource: 'vm:100', rule: 'big', nodes: ['pve3'], strict: true },
  'no-placement': { lack: 'cores' },
};

describe('describeMoveFinding()', () => {
  it.each(Object.entries(SAMPLES))('says %s in a sentence', (code, facts) => {
    const text = describeMoveFinding({ code, effect: 'stops', at: 'arrival', ...facts } as MoveFinding, names);
    expect(text).toMatch(/^[A-Za-z].*[.:]$/);
    expect(text).not.toMatch(/undefined|null|NaN|\[object|\x1b/);
  });
});

describe('describeMovedCpu()', () => {
  it('says what the number is on each node', () => {
    const here = { ...site, node: numaNodeId(0), llc: cpuSet([0, 1]), largeCache: true, siblings: cpuSet([17]) };
    expect(describeMovedCpu({ cpu: cpuId(1), here, there: { ...site, kind: 'efficiency' } }, names)).toBe(
      'CPU 1: on pve1 node 0, cache of 0-1 (the large one), sibling 17; on pve2 no sibling, efficiency core',
    );
  });
});
