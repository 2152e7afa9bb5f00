// Which pages the rules about hugepages count.
import { expect, it } from 'vitest';
import { nodeSet } from '#domain/id-set.ts';
import { examineTree, makeDoctorTree } from '#fixtures/doctor/doctor-tree.ts';
import { hugepagesCases } from '#fixtures/doctor/hugepages-cases.ts';
import { makeVmProcess } from '#fixtures/doctor/vm-process.ts';

async function factsOf(code: keyof typeof hugepagesCases, name: string) {
  const tree = hugepagesCases[code].triggers[name];
  const { findings } = await examineTree(tree ?? new Map());
  return findings.find(finding => finding.code === code)?.facts;
}

it.each([
  ['made by hand', { pageMiB: 2, totalPages: 4096, kept: 0, misread: false }],
  ['booted by node, which Proxmox does not read', { pageMiB: 1024, totalPages: 128, kept: 0, misread: true }],
  ['more was added since boot', { pageMiB: 1024, totalPages: 128, kept: 64, misread: false }],
])('hugepages-pool-freed says how many stay: %s', async (name, facts) => {
  expect(await factsOf('hugepages-pool-freed', name)).toMatchObject(facts);
});

it('hugepages-short tells what can never be from what cannot be now', async () => {
  expect(await factsOf('hugepages-short', 'more than the node has')).toMatchObject({ ever: true, nodes: nodeSet([1]) });
  expect(await factsOf('hugepages-short', 'more than is free now')).toMatchObject({ ever: false, neededPages: 15_000 });
});

it('hugepages-short says nothing of a VM that runs and gets its own pages back', async () => {
  const text =
    'cores: 2\nmemory: 30000\nnuma: 1\nnuma0: cpus=0-1,memory=30000,hostnodes=0,policy=preferred\nhugepages: 2\n';
  const files = makeVmProcess(101, [{ allowed: '0-31' }, { vcpu: 0, allowed: '0-31' }, { vcpu: 1, allowed: '0-31' }]);
  const codes = async (more: Readonly<Record<string, string>>) => {
    const { findings } = await examineTree(makeDoctorTree({ vms: { 101: text }, files: more }));
    return findings.map(({ code }) => code);
  };
  expect(await codes({})).toContain('hugepages-short');
  expect(await codes(files)).not.toContain('hugepages-short');
});
