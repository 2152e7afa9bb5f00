// The numbers that the rules about capacity count with.
import { expect, it } from 'vitest';
import type { DoctorCode } from '#domain/doctor-finding.ts';
import { cpuSet } from '#domain/id-set.ts';
import { capacityCases } from '#fixtures/doctor/capacity-cases.ts';
import { examineTree } from '#fixtures/doctor/doctor-tree.ts';

async function factsOf(code: DoctorCode & keyof typeof capacityCases, name: string) {
  const { findings } = await examineTree(capacityCases[code].triggers[name] ?? new Map());
  return findings.find(finding => finding.code === code)?.facts;
}

it('dedicated-overcommitted counts cores: whole ones for isolate, threads otherwise', async () => {
  expect(await factsOf('dedicated-overcommitted', 'one core more than can be given away')).toEqual({
    vmids: [101],
    cores: 15,
    available: 14,
  });
  expect(await factsOf('dedicated-overcommitted', 'one thread more')).toEqual({
    vmids: [101],
    cores: 15,
    available: 14,
  });
  expect(await factsOf('dedicated-overcommitted', 'more is kept for the host')).toEqual({
    vmids: [101],
    cores: 13,
    available: 12,
  });
});

it('host-cores-few counts whole cores, and says who wants them', async () => {
  expect(await factsOf('host-cores-few', 'one core, and there is ZFS')).toEqual({
    left: cpuSet([0, 16]),
    cores: 1,
    wanted: 2,
    zfsPools: 1,
    cephDaemons: 0,
    isClustered: false,
  });
  expect(await factsOf('host-cores-few', 'two cores, and two OSDs')).toMatchObject({
    cores: 2,
    wanted: 3,
    cephDaemons: 2,
  });
  expect(await factsOf('host-cores-few', 'what is left is isolated')).toMatchObject({ left: cpuSet(), cores: 0 });
});

it('cpulimit-throttles reads fractions, and counts the CPUs of a dedicated guest', async () => {
  expect(await factsOf('cpulimit-throttles', 'a dedicated guest')).toEqual({ limit: 1.5, cpus: 2 });
});

it('arc-crowds-guests reads the cache in bytes', async () => {
  expect(await factsOf('arc-crowds-guests', 'hugepages beside a large cache')).toMatchObject({
    vmids: [101],
    arcMaxMiB: 80 * 1024,
    guestsMiB: 65_536,
  });
});
