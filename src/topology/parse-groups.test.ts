// Dies and clusters: the names of their files, and groups that do not agree.
import { describe, expect, it } from 'vitest';
import { encodeIdList, parseCpuList } from '#domain/id-list.ts';
import { makeTextTree } from '#fixtures/text-tree.ts';
import { parseGroups } from './parse-groups.ts';
import { SysfsReader } from './sysfs-reader.ts';

const CPU = '/sys/devices/system/cpu';

function read(group: 'die' | 'cluster', files: Readonly<Record<string, string>>) {
  const paths = Object.entries(files).map(([path, text]): [string, string] => [`${CPU}/${path}`, `${text}\n`]);
  const reader = new SysfsReader(makeTextTree(new Map(paths)));
  const groups = parseGroups(reader, parseCpuList('0-1'), group);
  return { groups: groups?.map(cpus => encodeIdList(cpus)) ?? null, unknown: reader.unknown };
}

describe('parseGroups()', () => {
  it.each([
    ['die', 'die_cpus_list', '0-1'],
    ['die', 'die_cpus', '3'],
    ['cluster', 'cluster_cpus_list', '0-1'],
    ['cluster', 'cluster_cpus', '3'],
  ] as const)('reads a %s from %s', (group, name, text) => {
    expect(read(group, { [`cpu0/topology/${name}`]: text })).toEqual({ groups: ['0-1'], unknown: [] });
  });

  it('is null where the kernel has none, without a word', () => {
    expect(read('cluster', { 'cpu0/topology/die_cpus_list': '0-1' })).toEqual({ groups: null, unknown: [] });
  });

  it('reports groups that do not name each other', () => {
    const files = { 'cpu0/topology/die_cpus_list': '0', 'cpu1/topology/die_cpus_list': '0-1' };
    expect(read('die', files)).toEqual({
      groups: ['0', '1'],
      unknown: [{ path: `${CPU}/cpu1/topology`, reason: 'die: names CPUs 0, which do not name CPU 1' }],
    });
  });
});
