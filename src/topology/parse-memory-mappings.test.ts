// Mappings with their policies, ends and pages.
import { describe, expect, it } from 'vitest';
import { nodeSet } from '#domain/id-set.ts';
import { parseMemoryMappings } from './parse-memory-mappings.ts';

const line = (policy: string) => `7f12c0000000 ${policy} anon=5 dirty=5 N0=4 N1=1 kernelpagesize_kB=4\n`;

describe('parseMemoryMappings()', () => {
  it.each([
    ['default', 'default', ''],
    ['bind:1', 'bind', '1'],
    ['bind=static:1', 'bind', '1'],
    ['bind=relative|balancing:0-1', 'bind', '0-1'],
    ['prefer:33', 'prefer', '33'],
    ['prefer (many):0-1,3', 'prefer (many)', '0-1,3'],
    ['interleave:0-1', 'interleave', '0-1'],
    ['weighted interleave:0-1', 'weighted interleave', '0-1'],
    ['local', 'local', ''],
  ])('reads the policy %s', (text, policy, nodes) => {
    const [mapping] = parseMemoryMappings(line(text), null);
    expect(mapping?.policy).toBe(policy);
    expect(mapping?.policyNodes.ids.join()).toBe(nodes.replace('0-1', '0,1'));
  });

  it('takes the end from maps, and the size of the pages where maps lacks the mapping', () => {
    const text = `${line('default')}7f1300000000 bind:33 file=/run/hugepages/kvm/2048kB/x huge N33=3 kernelpagesize_kB=2048\n`;
    const maps =
      '7f12bfff0000-7f12c0000000 ---p 00000000 00:00 0\n7f12c0000000-7f12c0100000 rw-p 00000000 00:00 0 [heap]\n';
    expect(parseMemoryMappings(text, maps)).toEqual([
      {
        start: 0x7f12c0000000,
        end: 0x7f12c0100000,
        policy: 'default',
        policyNodes: nodeSet(),
        pageKiB: 4,
        pages: new Map([
          [0, 4],
          [1, 1],
        ]),
        file: null,
      },
      {
        start: 0x7f1300000000,
        end: 0x7f1300600000,
        policy: 'bind',
        policyNodes: nodeSet([33]),
        pageKiB: 2048,
        pages: new Map([[33, 3]]),
        file: '/run/hugepages/kvm/2048kB/x',
      },
    ]);
  });

  it('leaves out mappings without pages', () => {
    expect(parseMemoryMappings('7ffd00000000 default\n7ffd00001000 default stack anon=1\n', null)).toEqual([]);
  });

  it.each([
    'x default N0=1 kernelpagesize_kB=4',
    '7f12c0000000 N0=1 kernelpagesize_kB=4',
    '7f12c0000000 bind:x N0=1 kernelpagesize_kB=4',
    '7f12c0000000 default N0=1',
  ])('rejects "%s"', text => {
    expect(() => parseMemoryMappings(text, null)).toThrow(/Cannot parse numa_maps/);
  });
});
