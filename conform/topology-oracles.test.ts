// Tests of the reading of other tools' output, with the traps that it holds.
import { describe, expect, it } from 'vitest';
import { parseLscpuTable, parseLstopoXml, parseNumactl } from './topology-oracles.ts';

describe('parseLscpuTable()', () => {
  const header = '# comment\n# CPU,Core,Socket,Node,,L1d,L1i,L2,L3,Online\n';

  it('groups CPUs by column and leaves offline ones out', () => {
    const rows = '0,0,0,0,,0,0,0,0,Y\n1,0,0,0,,0,0,0,0,Y\n2,,,0,,,,,,N\n3,1,1,1,,1,1,1,1,Y\n';
    expect(parseLscpuTable(header + rows)).toEqual({
      core: [[0, 1], [3]],
      package: [[0, 1], [3]],
      numa: [[0, 1], [3]],
      llc: [[0, 1], [3]],
    });
  });

  it('does not trust the cache columns of ragged rows', () => {
    expect(parseLscpuTable(`${header}0,0,0,0,,0,0,0,0,Y\n4,4,0,,4,0,Y\n`).llc).toBeNull();
  });

  it('says nothing of columns that are empty or absent', () => {
    const { numa, llc } = parseLscpuTable('# CPU,Core,Socket,Node,Online\n0,0,0,,Y\n');
    expect({ numa, llc }).toEqual({ numa: null, llc: null });
  });
});

describe('parseLstopoXml()', () => {
  const pu = (cpu: number) => `<object type="PU" os_index="${cpu}" cpuset="0x${(2 ** cpu).toString(16)}"/>`;
  const xml = `<object type="Machine" cpuset="0x3" complete_cpuset="0x7" nodeset="0x1" complete_nodeset="0x1">
    <object type="Package" os_index="0" cpuset="0x3">
      <object type="NUMANode" os_index="0" cpuset="0x3"><page_type size="4096"/></object>
      <object type="L3Cache" cpuset="0x3"><object type="L2Cache" cpuset="0x1"><object type="L1iCache" cpuset="0x1">
        <object type="Core" cpuset="0x1">${pu(0)}</object></object></object>
        <object type="Core" cpuset="0x2">${pu(1)}</object></object></object></object>`;

  it('takes the groups around each processing unit', () => {
    expect(parseLstopoXml(xml).groups).toEqual({ core: [[0], [1]], package: [[0, 1]], llc: [[0, 1]], numa: [[0, 1]] });
  });

  it('knows what it was not allowed to show', () => {
    const { hiddenCpus, hiddenNodes } = parseLstopoXml(xml);
    expect([[...hiddenCpus], [...hiddenNodes]]).toEqual([[2], []]);
  });

  it('reads sets of more than 32 CPUs', () => {
    const wide = '<object type="Machine" cpuset="0x0"><object type="NUMANode" cpuset="0x80000001,,0x1"/></object>';
    expect(parseLstopoXml(wide).groups.numa).toEqual([[0, 64, 95]]);
  });
});

describe('parseNumactl()', () => {
  it('reads sparse nodes, memory-only ones and the matrix', () => {
    const { nodes, distances } = parseNumactl(
      `available: 2 nodes (0,33)
node 0 cpus: 0 1
node 0 size: 8189 MB
node 0 free: <not available>
node 33 cpus:
node 33 size: 512 MB
node 33 free: 500 MB
node distances:
node   0  33
  0:  10  22
 33:  22  10
`,
    );
    expect(nodes.get(0)).toEqual({ cpus: [0, 1], sizeMiB: 8189, freeMiB: null });
    expect(nodes.get(33)).toEqual({ cpus: [], sizeMiB: 512, freeMiB: 500 });
    expect(distances.get(33)).toEqual([22, 10]);
  });

  it('has no distances where numactl has none', () => {
    expect(parseNumactl('node 0 cpus: 0\nNo distance information available.\n').distances.size).toBe(0);
  });
});
