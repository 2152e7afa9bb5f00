// Which guests share cores and CPUs, and which of them the rules name.
import { expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { examineTree, makeDoctorTree } from '#fixtures/doctor/doctor-tree.ts';
import { taskFiles } from '#fixtures/doctor/task-files.ts';

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

const vms = { 101: 'cores: 2\naffinity: 4,20\n' };

it('containers-on-pinned names all containers once, and where they could be kept', async () => {
  const containers = { 200: 'cores: 2\n', 201: 'memory: 512\n', 202: 'lxc.cgroup2.cpuset.cpus: 0-3\n' };
  const files = { '/sys/fs/cgroup/cpuset.cpus.effective': '0-7,16-23\n' };
  const { findings } = await examineTree(makeDoctorTree({ vms, containers, files }));
  expect(findings.find(({ code }) => code === 'containers-on-pinned')).toMatchObject({
    subject: 'host',
    facts: {
      vmids: [200, 201],
      cpus: cpuSet([4, 20]),
      rest: cpuSet([0, 1, 2, 3, 5, 6, 7, 16, 17, 18, 19, 21, 22, 23]),
    },
  });
});

it('container-cpus-taken names the CPUs that are taken and those that are not', async () => {
  const containers = { 200: 'lxc.cgroup2.cpuset.cpus: 0-4\n', 201: 'lxc.cgroup2.cpuset.cpus: 8\n' };
  const { findings } = await examineTree(makeDoctorTree({ vms, containers }));
  const found = findings.filter(({ code }) => code === 'container-cpus-taken');
  expect(found).toMatchObject([
    { subject: 200, facts: { cpus: cpuSet([4]), others: [101], rest: cpuSet([0, 1, 2, 3]) } },
  ]);
});

it('storage-threads-on-pinned moves what can be moved, by name', async () => {
  const files = taskFiles(
    { pid: 900, comm: 'z_wr_iss', isKernel: true },
    { pid: 901, comm: 'z_wr_iss', isKernel: true },
    { pid: 902, comm: 'txg_sync', isKernel: true, allowed: '0-7' },
    { pid: 903, comm: 'z_null_iss', isKernel: true, allowed: '4' },
  );
  const { findings } = await examineTree(makeDoctorTree({ vms, files }));
  expect(findings.find(({ code }) => code === 'storage-threads-on-pinned')).toMatchObject({
    facts: { names: ['txg_sync', 'z_wr_iss'], threads: 3, cpus: cpuSet([4, 20]) },
    fix: {
      commands: [['sh', '-c', "for p in $(pgrep -x 'txg_sync|z_wr_iss'); do taskset -p -c 0-3,5-19,21-31 $p; done"]],
    },
  });
});
