// Packages: their names when the kernel has none, or the same for two.
import { describe, expect, it } from 'vitest';
import { encodeIdList, parseCpuList } from '#domain/id-list.ts';
import { makeTextTree } from '#fixtures/text-tree.ts';
import { parsePackages } from './parse-packages.ts';
import { SysfsReader } from './sysfs-reader.ts';

const CPU = '/sys/devices/system/cpu';

/** CPUs 0 to 2, each of them a package with the text of its `physical_package_id`. */
function read(ids: readonly string[], more: Record<string, string> = {}) {
  const files = ids.flatMap((id, cpu): [string, string][] => [
    [`${CPU}/cpu${cpu}/topology/package_cpus_list`, `${cpu}\n`],
    [`${CPU}/cpu${cpu}/topology/physical_package_id`, `${id}\n`],
  ]);
  const reader = new SysfsReader(makeTextTree(new Map([...files, ...Object.entries(more)])));
  const packages = parsePackages(reader, parseCpuList('0-2'));
  return { packages: packages.map(({ id, cpus }) => `${id}: ${encodeIdList(cpus)}`), unknown: reader.unknown };
}

describe('parsePackages()', () => {
  it.each([
    { ids: ['0', '1', '2'], packages: ['0: 0', '1: 1', '2: 2'] },
    { ids: ['36', '0', '4'], packages: ['0: 1', '4: 2', '36: 0'] },
    { ids: ['0', '0', '0'], packages: ['0: 0', '1: 1', '2: 2'] },
    { ids: ['-1', '0', '-1'], packages: ['0: 1', '1: 0', '2: 2'] },
    { ids: ['1', '1', '0'], packages: ['0: 2', '1: 0', '2: 1'] },
  ])('makes $packages of the ids $ids', ({ ids, packages }) => {
    expect(read(ids)).toEqual({ packages, unknown: [] });
  });

  it('counts CPUs of which nothing is said as one package, and says so', () => {
    expect(read(['0'])).toEqual({
      packages: ['0: 0', '1: 1-2'],
      unknown: [{ path: `${CPU}/cpu1/topology`, reason: 'no package for CPUs 1-2: they count as one package' }],
    });
  });

  it.each(['core_siblings_list', 'package_cpus', 'core_siblings'])('knows the name %s', name => {
    const text = name.endsWith('list') ? '1-2\n' : '6\n';
    expect(read(['0'], { [`${CPU}/cpu1/topology/${name}`]: text }).packages).toEqual(['0: 0', '1: 1-2']);
    expect(read(['0'], { [`${CPU}/cpu1/topology/${name}`]: text }).unknown).toEqual([]);
  });

  it('reports a package that takes CPUs of another', () => {
    const { unknown } = read(['0', '1', '2'], { [`${CPU}/cpu2/topology/package_cpus_list`]: '1-2\n' });
    expect(unknown).toEqual([
      { path: `${CPU}/cpu2/topology`, reason: 'package: names CPUs 1, which do not name CPU 2' },
    ]);
  });
});
