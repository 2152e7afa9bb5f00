// Tests of what memory without CPUs is made of.
import { describe, expect, it } from 'vitest';
import { nodeSet } from '#domain/id-set.ts';
import { makeTextTree } from '#fixtures/text-tree.ts';
import { parseMemoryKinds } from './parse-memory-kinds.ts';
import { SysfsReader } from './sysfs-reader.ts';

const TIER = '/sys/devices/virtual/memory_tiering/memory_tier';
const DAX = '/sys/bus/dax/devices';

/** Nodes 0 and 1 have CPUs, 2 and 3 have memory alone. */
function kinds(files: Readonly<Record<string, string>>) {
  const reader = new SysfsReader(makeTextTree(new Map(Object.entries(files))));
  return Object.fromEntries(parseMemoryKinds(reader, { withCpus: nodeSet([0, 1]), memoryOnly: nodeSet([2, 3]) }));
}

const pmem = {
  [`${DAX}/dax0.0/target_node`]: '2\n',
  '/sys/bus/nd/devices/dax0.1/dax0.0/size': '1\n',
};
const cxl = {
  [`${DAX}/dax1.0/target_node`]: '3\n',
  '/sys/bus/cxl/devices/dax_region0/dax1.0/size': '1\n',
};

describe('parseMemoryKinds()', () => {
  it.each([
    { why: 'nothing is said', files: {}, expected: { 2: 'unknown', 3: 'unknown' } },
    { why: 'dax devices name the bus', files: { ...pmem, ...cxl }, expected: { 2: 'pmem', 3: 'cxl' } },
    {
      why: 'a dax device is on no bus that tells',
      files: { [`${DAX}/dax0.0/target_node`]: '2\n' },
      expected: { 2: 'unknown', 3: 'unknown' },
    },
    {
      why: 'two kinds feed one node',
      files: { ...pmem, ...cxl, [`${DAX}/dax1.0/target_node`]: '2\n' },
      expected: { 2: 'unknown', 3: 'unknown' },
    },
    {
      why: 'one tier is faster and one slower than that of the CPUs',
      files: { [`${TIER}3/nodelist`]: '2\n', [`${TIER}4/nodelist`]: '0-1\n', [`${TIER}22/nodelist`]: '3\n' },
      expected: { 2: 'hbm', 3: 'unknown' },
    },
    {
      why: 'all nodes are in one tier',
      files: { [`${TIER}4/nodelist`]: '0-3\n' },
      expected: { 2: 'unknown', 3: 'unknown' },
    },
    {
      why: 'no tier holds the CPUs',
      files: { [`${TIER}4/nodelist`]: '2\n', [`${TIER}5/nodelist`]: '3\n' },
      expected: { 2: 'unknown', 3: 'unknown' },
    },
    {
      why: 'bus and tier both speak: the bus is sure',
      files: { ...cxl, [`${TIER}3/nodelist`]: '3\n', [`${TIER}4/nodelist`]: '0-1\n' },
      expected: { 2: 'unknown', 3: 'cxl' },
    },
    {
      why: 'a tier does not show its nodes',
      files: { [`${TIER}3/uevent`]: '', [`${TIER}4/nodelist`]: '2\n', [`${TIER}5/nodelist`]: '0-1\n' },
      expected: { 2: 'hbm', 3: 'unknown' },
    },
  ])('where $why: $expected', ({ files, expected }) => {
    expect(kinds(files)).toEqual(expected);
  });

  it('refuses a malformed tier by the name of the file', () => {
    expect(() => kinds({ [`${TIER}4/nodelist`]: '1-0\n' })).toThrow(`${TIER}4/nodelist: Cannot parse node list`);
  });
});
