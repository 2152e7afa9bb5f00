// Performance and efficiency cores: the borders of each source, and machines that only look hybrid.
import { describe, expect, it } from 'vitest';
import { parseCpuList } from '#domain/id-list.ts';
import { cpuSet } from '#domain/id-set.ts';
import { makeTextTree } from '#fixtures/text-tree.ts';
import { parseCoreKinds } from './parse-core-kinds.ts';
import { SysfsReader } from './sysfs-reader.ts';

const CPU = '/sys/devices/system/cpu';

interface Machine {
  readonly files: Readonly<Record<string, string>>;
  /** One number a CPU. */
  readonly capacities?: readonly number[];
  readonly ranks?: readonly number[];
  /** The CPUs of each core; of one CPU each unless said. */
  readonly cores?: readonly (readonly number[])[];
}

/** `PPEE`: performance, efficiency or uniform, of CPUs 0 to 3. */
function kinds({ files, capacities = [], ranks = [], cores = [[0], [1], [2], [3]] }: Machine): string {
  const numbers = (values: readonly number[], name: string) =>
    values.map((value, cpu): [string, string] => [`${CPU}/cpu${cpu}/${name}`, `${value}\n`]);
  const tree = makeTextTree(
    new Map([
      ...Object.entries(files),
      ...numbers(capacities, 'cpu_capacity'),
      ...numbers(ranks, 'acpi_cppc/highest_perf'),
    ]),
  );
  const online = parseCpuList('0-3');
  const kindOf = parseCoreKinds(new SysfsReader(tree), { present: online, online, cores: cores.map(cpuSet) });
  return online.ids.map(cpu => kindOf(cpu).charAt(0).toUpperCase()).join('');
}

const pmus = (core: string | null, atom: string | null) => ({
  ...(core === null ? {} : { '/sys/devices/cpu_core/cpus': `${core}\n` }),
  ...(atom === null ? {} : { '/sys/devices/cpu_atom/cpus': `${atom}\n` }),
});

describe('parseCoreKinds()', () => {
  it.each([
    ['both PMUs', pmus('0-1', '2-3'), 'PPEE'],
    ['no list of performance cores', pmus(null, '2-3'), 'UUUU'],
    ['no performance core online', pmus('8-9', '0-3'), 'UUUU'],
    ['no efficiency core online', pmus('0-3', '8-9'), 'UUUU'],
    ['no list of efficiency cores', pmus('0-3', null), 'UUUU'],
  ])('with %s', (_, files, expected) => {
    expect(kinds({ files })).toBe(expected);
  });

  it.each([
    { capacities: [1000, 1000, 799, 799], expected: 'PPEE', why: 'more than a fifth below' },
    { capacities: [1000, 1000, 800, 800], expected: 'UUUU', why: 'a fifth below' },
    { capacities: [1000, 1000, 799], expected: 'UUUU', why: 'one is not shown' },
  ])('of capacities $capacities: $why', ({ capacities, expected }) => {
    expect(kinds({ files: {}, capacities })).toBe(expected);
  });

  const threaded = [[0, 1], [2], [3]];

  it.each([
    { ranks: [100, 100, 79, 79], cores: threaded, expected: 'PPEE', why: 'ranks and threads draw one line' },
    { ranks: [100, 100, 80, 80], cores: threaded, expected: 'UUUU', why: 'not more than a fifth below' },
    { ranks: [100, 90, 75, 60], cores: threaded, expected: 'UUUU', why: 'one is near the lowest with threads' },
    { ranks: [100, 100, 50, 50], cores: [[0], [1], [2], [3]], expected: 'UUUU', why: 'no core has threads' },
    {
      ranks: [100, 100, 50, 50],
      cores: [
        [0, 1],
        [2, 3],
      ],
      expected: 'UUUU',
      why: 'every core has threads',
    },
  ])('of CPPC ranks $ranks and cores $cores: $why', ({ ranks, cores, expected }) => {
    expect(kinds({ files: {}, ranks, cores })).toBe(expected);
  });
});
