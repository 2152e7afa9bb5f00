// Thread siblings: the names of their files, and siblings that do not agree.
import { describe, expect, it } from 'vitest';
import { encodeIdList, parseCpuList } from '#domain/id-list.ts';
import { makeTextTree } from '#fixtures/text-tree.ts';
import { parseCores } from './parse-cores.ts';
import { SysfsReader } from './sysfs-reader.ts';

const CPU = '/sys/devices/system/cpu';

/** The cores of CPUs 0 to 3, from their sibling files. */
function read(files: Record<string, string>) {
  const paths = Object.entries(files).map(([path, text]): [string, string] => [`${CPU}/${path}`, `${text}\n`]);
  const reader = new SysfsReader(makeTextTree(new Map(paths)));
  const cores = parseCores(reader, parseCpuList('0-3')).map(cpus => encodeIdList(cpus));
  return { cores, unknown: reader.unknown.map(({ path, reason }) => `${path.slice(CPU.length + 1)}: ${reason}`) };
}

const siblings = (name: string, texts: readonly string[]) =>
  Object.fromEntries(texts.map((text, cpu) => [`cpu${cpu}/topology/${name}`, text]));

describe('parseCores()', () => {
  it.each([
    ['core_cpus_list', ['0,2', '1,3', '0,2', '1,3']],
    ['thread_siblings_list', ['0,2', '1,3', '0,2', '1,3']],
    ['core_cpus', ['5', 'a', '5', 'a']],
    ['thread_siblings', ['5', 'a', '5', 'a']],
  ])('reads %s', (name, texts) => {
    expect(read(siblings(name, texts))).toEqual({ cores: ['0,2', '1,3'], unknown: [] });
  });

  it('does not take the CPUs of a package for siblings', () => {
    expect(read(siblings('core_siblings_list', ['0-3', '0-3', '0-3', '0-3'])).cores).toEqual(['0', '1', '2', '3']);
  });

  it('prefers the newest name', () => {
    const files = { ...siblings('core_cpus_list', ['0', '1', '2', '3']), ...siblings('thread_siblings', ['f']) };
    expect(read(files)).toEqual({ cores: ['0', '1', '2', '3'], unknown: [] });
  });

  it('orders cores by their lowest CPU, and says which count for themselves', () => {
    const files = { 'cpu1/topology/core_cpus_list': '1,3', 'cpu3/topology/core_cpus_list': '1,3' };
    expect(read(files)).toEqual({
      cores: ['0', '1,3', '2'],
      unknown: ['cpu0/topology: no thread siblings for CPUs 0,2: each counts as a core of its own'],
    });
  });

  it('reports siblings that name the CPUs of another core', () => {
    expect(read(siblings('core_cpus_list', ['0-1', '0-1', '1-2', '3']))).toEqual({
      cores: ['0-1', '2', '3'],
      unknown: ['cpu2/topology: thread siblings: names CPUs 1, which do not name CPU 2'],
    });
  });

  it('reports siblings that do not name each other, but none that are offline', () => {
    expect(read(siblings('core_cpus_list', ['0-1', '1', '2-3,9', '2-3']))).toEqual({
      cores: ['0-1', '2-3'],
      unknown: ['cpu1/topology: thread siblings: CPU 0 names 0-1, CPU 1 names 1'],
    });
  });
});
