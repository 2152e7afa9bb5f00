// LLC domains: which cache is the last one, and sizes that are none.
import { describe, expect, it } from 'vitest';
import { encodeIdList, parseCpuList } from '#domain/id-list.ts';
import { packageId } from '#domain/ids.ts';
import { makeTextTree } from '#fixtures/text-tree.ts';
import { parseLlcs } from './parse-llcs.ts';
import { SysfsReader } from './sysfs-reader.ts';

const CPU = '/sys/devices/system/cpu';

type Cache = Partial<Record<'level' | 'type' | 'size' | 'shared_cpu_list' | 'shared_cpu_map', string>>;

/** The domains of CPUs 0 and 1, from the caches of each. */
function read(...cpus: readonly (readonly Cache[])[]) {
  const files = cpus.flatMap((caches, cpu) =>
    caches.flatMap((cache, index) =>
      Object.entries(cache).map(([name, text]): [string, string] => [
        `${CPU}/cpu${cpu}/cache/index${index}/${name}`,
        `${text}\n`,
      ]),
    ),
  );
  const reader = new SysfsReader(makeTextTree(new Map(files)));
  const online = parseCpuList('0-1');
  const domains = parseLlcs(reader, online, [{ id: packageId(0), cpus: online }]);
  return {
    domains: domains.map(({ id, cpus: members, level, sizeKiB, large }) => [
      ...[id, encodeIdList(members), level, sizeKiB],
      ...(large ? ['large'] : []),
    ]),
    unknown: reader.unknown.map(({ path, reason }) => `${path.slice(CPU.length + 1)}: ${reason}`),
  };
}

const l2 = (cpus: string): Cache => ({ level: '2', type: 'Unified', size: '512K', shared_cpu_list: cpus });

describe('parseLlcs()', () => {
  it('takes the highest level that holds data, whatever its index', () => {
    const l1 = { level: '1', type: 'Data', size: '32K', shared_cpu_list: '0' };
    const instructions = { level: '3', type: 'Instruction', size: '64K', shared_cpu_list: '0' };
    expect(read([l2('0'), instructions, l1], [l1, l2('1')])).toEqual({
      domains: [
        [0, '0', 2, 512],
        [1, '1', 2, 512],
      ],
      unknown: [],
    });
  });

  it('takes the first of two caches of one level', () => {
    expect(read([l2('0-1'), { ...l2('0'), size: '1K' }], []).domains).toEqual([[0, '0-1', 2, 512]]);
  });

  it('reads a mask where there is no list', () => {
    expect(read([{ level: '2', size: '512K', shared_cpu_map: '3' }], []).domains).toEqual([[0, '0-1', 2, 512]]);
  });

  it('leaves CPUs without caches out, and says so', () => {
    expect(read([], [l2('1')])).toEqual({
      domains: [[1, '1', 2, 512]],
      unknown: ['cpu0/cache: the kernel shows no caches of CPUs 0'],
    });
  });

  it('reports domains that overlap at the cache that says so', () => {
    expect(read([l2('0')], [l2('0-1')])).toEqual({
      domains: [
        [0, '0', 2, 512],
        [1, '1', 2, 512],
      ],
      unknown: ['cpu1/cache/index0: names CPUs 0, which do not name CPU 1'],
    });
  });

  it.each(['512', 'K', 'x512K', '512Kx', '512k', '1M', '-1K'])('refuses the size %j', size => {
    expect(() => read([{ ...l2('0-1'), size }])).toThrow(
      `${CPU}/cpu0/cache/index0/size: Cannot parse cache size "${size}": expected kibibytes such as 20480K`,
    );
  });

  it('does not know a size that is not shown', () => {
    expect(read([{ level: '2', shared_cpu_list: '0-1' }]).domains).toEqual([[0, '0-1', 2, null]]);
  });

  it('marks a large cache beside an ordinary one of the same package', () => {
    const [stacked, plain] = [
      { ...l2('0'), size: '98304K' },
      { ...l2('1'), size: '32768K' },
    ];
    expect(read([stacked], [plain]).domains).toEqual([
      [0, '0', 2, 98304, 'large'],
      [1, '1', 2, 32768],
    ]);
  });
});
