// Which guests share cores, and which CPUs the rule names.
import { expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { examineTree, makeDoctorTree } from '#fixtures/doctor/doctor-tree.ts';

it('siblings-split names each pair of VMs once, with the CPUs that face each other', async () => {
  const vms = {
    101: 'affinity: 4-5,21\n',
    102: 'affinity: 20,6\n',
    103: 'affinity: 22\n',
    104: 'cores: 2\n',
  };
  const { findings } = await examineTree(makeDoctorTree({ vms }));
  expect(findings.map(({ subject, facts }) => ({ subject, ...facts }))).toEqual([
    { subject: 101, other: 102, cpus: cpuSet([4]), otherCpus: cpuSet([20]) },
    { subject: 102, other: 103, cpus: cpuSet([6]), otherCpus: cpuSet([22]) },
  ]);
});
