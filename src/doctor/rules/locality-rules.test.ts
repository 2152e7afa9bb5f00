// Which nodes the rules about CPUs, memory and devices name, and what they offer.
import { expect, it } from 'vitest';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import { examineTree } from '#fixtures/doctor/doctor-tree.ts';
import { localityCases } from '#fixtures/doctor/locality-cases.ts';

async function findingOf(code: keyof typeof localityCases, name: string) {
  const tree = localityCases[code].triggers[name];
  const { findings } = await examineTree(tree ?? new Map());
  return findings.find(finding => finding.code === code);
}

it('memory-remote moves the pages of a running VM from where they are to where its CPUs are', async () => {
  expect(await findingOf('memory-remote', 'gone to the other node')).toMatchObject({
    facts: {
      ...{ by: 'resident', cpus: cpuSet([4, 5, 6, 7]), remoteMiB: 3000 },
      ...{ cpuNodes: nodeSet([0]), memoryNodes: nodeSet([1]) },
    },
    fix: { kind: 'commands', commands: [['migratepages', '4101', '1', '0']] },
  });
});

it('memory-remote leaves it to the admin which of two lines is wrong', async () => {
  expect(await findingOf('memory-remote', 'to both nodes')).toMatchObject({
    facts: { by: 'config', cpuNodes: nodeSet([0]), memoryNodes: nodeSet([1]) },
    fix: null,
  });
});

it('device-remote names only the devices that are far', async () => {
  expect(await findingOf('device-remote', 'one of two devices')).toMatchObject({
    facts: { devices: [{ key: 'hostpci1', address: '0000:81:00.1', nodes: nodeSet([1]) }], near: nodeSet([0]) },
  });
});

it('guest-spans-nodes names the nodes that would do', async () => {
  expect(await findingOf('guest-spans-nodes', 'four CPUs, two on each')).toMatchObject({
    facts: { by: 'affinity', nodes: nodeSet([0, 1]), fits: nodeSet([0, 1]) },
  });
});
