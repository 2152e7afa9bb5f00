// The commands that the rules about the host offer, and the CPUs and guests that they name.
import { expect, it } from 'vitest';
import type { DoctorCode } from '#domain/doctor-finding.ts';
import { cpuSet } from '#domain/id-set.ts';
import { examineTree, makeDoctorTree } from '#fixtures/doctor/doctor-tree.ts';
import { hostCases } from '#fixtures/doctor/host-cases.ts';

async function find(code: DoctorCode & keyof typeof hostCases, name: string) {
  const { findings } = await examineTree(hostCases[code].triggers[name] ?? new Map());
  return findings.find(finding => finding.code === code);
}

const shell = (command: string) => ({ kind: 'commands', commands: [['sh', '-c', command]] });

it('exclusive-leftover leaves what the scopes still have', async () => {
  const file = '/sys/fs/cgroup/qemu.slice/cpuset.cpus.exclusive';
  expect(await find('exclusive-leftover', 'one scope of two is gone')).toMatchObject({
    facts: { cpus: cpuSet([6, 7]), used: cpuSet([4, 5]) },
    fix: shell(`echo 4-5 > ${file}`),
  });
  expect(await find('exclusive-leftover', 'the scope is gone')).toMatchObject({ fix: shell(`echo > ${file}`) });
});

it('partition-leftover dissolves the partition that it names', async () => {
  expect(await find('partition-leftover', 'made by hand')).toMatchObject({
    subject: 'host',
    facts: { cgroup: 'latency', cpus: cpuSet([4, 5, 6, 7]) },
    fix: shell('echo member > /sys/fs/cgroup/latency/cpuset.cpus.partition'),
  });
});

it('partition-invalid keeps the reason of the kernel', async () => {
  expect(await find('partition-invalid', 'a parent stands in its way')).toMatchObject({
    facts: { reason: 'Parent is not a partition root' },
  });
});

it('interrupts-on-pinned moves them to all other CPUs', async () => {
  expect(await find('interrupts-on-pinned', 'a disk queue that is busy there')).toMatchObject({
    facts: { cpus: cpuSet([4]), interrupts: [24], names: ['nvme0q5'], perSecond: 1_000 },
    fix: shell('for f in /proc/irq/24/smp_affinity_list; do echo 0-3,8-31 > $f; done'),
  });
});

it('irqbalance-on-pinned names the CPUs that are not banned', async () => {
  const found = await find('irqbalance-on-pinned', 'one CPU is missing in the list');
  expect(found).toMatchObject({ facts: { cpus: cpuSet([7]) } });
});

it('governor-lowest names the CPUs of guests alone', async () => {
  expect(await find('governor-lowest', 'acpi-cpufreq')).toMatchObject({
    facts: { cpus: cpuSet([4, 5]), driver: 'acpi-cpufreq' },
  });
});

it('systemd-narrows-vms adds lists up, across files, until an empty one', async () => {
  const files = {
    '/etc/systemd/system.conf': '[Manager]\nCPUAffinity=8\nCPUAffinity=\nCPUAffinity=0-1, 4\n',
    '/etc/systemd/system.conf.d/more.conf': '[Manager]\nCPUAffinity = 16\n',
  };
  const vms = { 101: 'cores: 2\n', 102: 'cores: 1\naffinity: 9\n' };
  const { findings } = await examineTree(makeDoctorTree({ vms, files }));
  expect(findings.find(({ code }) => code === 'systemd-narrows-vms')).toMatchObject({
    facts: { cpus: cpuSet([0, 1, 4, 16]), vmids: [101] },
  });
});

it('realtime-threads counts threads, and shows the highest priority', async () => {
  expect(await find('realtime-threads', 'its vCPUs')).toMatchObject({
    subject: 101,
    facts: { threads: 1, priority: 1 },
  });
});
