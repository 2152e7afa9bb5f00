// A running container's CPUs, its own and inherited ones.
import { describe, expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { vmId } from '#domain/ids.ts';
import { makeTextTree } from '#fixtures/text-tree.ts';
import { readContainerRuntime } from './read-container-runtime.ts';

const CGROUP = '/sys/fs/cgroup/lxc/200';

describe('readContainerRuntime()', () => {
  it.each([
    ['its own CPUs', '0-1\n', '0-1\n', { cpuset: cpuSet([0, 1]), effective: cpuSet([0, 1]) }],
    ['inherited CPUs', '\n', '0-3\n', { cpuset: cpuSet(), effective: cpuSet([0, 1, 2, 3]) }],
  ])('reads a container with %s', (_, cpuset, effective, runtime) => {
    const files = new Map([
      [`${CGROUP}/cpuset.cpus`, cpuset],
      [`${CGROUP}/cpuset.cpus.effective`, effective],
    ]);
    expect(readContainerRuntime(makeTextTree(files), vmId(200))).toEqual(runtime);
  });

  it('finds nothing without a cgroup', () => {
    expect(readContainerRuntime(makeTextTree(new Map()), vmId(200))).toBeNull();
  });

  it('rejects a list that means nothing, naming the file', () => {
    const files = new Map([
      [`${CGROUP}/cpuset.cpus`, '3-1\n'],
      [`${CGROUP}/cpuset.cpus.effective`, '0-3\n'],
    ]);
    expect(() => readContainerRuntime(makeTextTree(files), vmId(200))).toThrow(`${CGROUP}/cpuset.cpus: Cannot parse`);
  });
});
