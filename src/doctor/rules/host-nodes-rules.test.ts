// Which numbers the rules about bound memory reckon with.
import { expect, it } from 'vitest';
import { nodeSet } from '#domain/id-set.ts';
import { examineTree, makeDoctorTree } from '#fixtures/doctor/doctor-tree.ts';
import { makeVmProcess } from '#fixtures/doctor/vm-process.ts';

const vmText = (memoryMiB: number, policy: string) =>
  `cores: 2\nmemory: ${memoryMiB}\nonboot: 1\nnuma: 1\nnuma0: cpus=0-1,memory=${memoryMiB},hostnodes=0,policy=${policy}\n`;

it('bind-over-free counts what a running VM holds already', async () => {
  const pagesPerMiB = 256;
  const held = (mib: number) => ({
    ...makeVmProcess(101, [{ allowed: '0-31' }, { vcpu: 0, allowed: '0-31' }, { vcpu: 1, allowed: '0-31' }]),
    '/proc/4101/numa_maps': `7f0000000000 bind:0 N0=${mib * pagesPerMiB} kernelpagesize_kB=4\n`,
  });
  const codesWith = async (mib: number) => {
    const tree = makeDoctorTree({ vms: { 101: vmText(40_000, 'bind') }, files: held(mib) });
    return (await examineTree(tree)).findings.filter(({ code }) => code === 'bind-over-free');
  };
  expect(await codesWith(30_000)).toEqual([]);
  expect(await codesWith(10_000)).toMatchObject([{ facts: { nodes: nodeSet([0]), wantedMiB: 30_000 } }]);
});

it('node-memory-overcommitted names who may be killed, and leaves out who is too large anyway', async () => {
  const vms = {
    101: vmText(30_000, 'bind'),
    102: vmText(40_000, 'preferred'),
    103: vmText(65_000, 'bind'),
    104: vmText(30_000, 'preferred').replace('onboot: 1\n', ''),
  };
  const { findings } = await examineTree(makeDoctorTree({ vms }));
  expect(findings.filter(({ code }) => code === 'node-memory-overcommitted')).toMatchObject([
    { subject: 'host', facts: { vmids: [101, 102], binding: [101], wantedMiB: 70_000, totalMiB: 64_432 } },
  ]);
  expect(findings.find(({ code }) => code === 'bind-too-large')).toMatchObject({ subject: 103 });
});
