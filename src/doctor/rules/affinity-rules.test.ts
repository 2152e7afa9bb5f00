// What the rules about affinity say, and which fixes they offer.
import { describe, expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { examineTree, makeDoctorTree } from '#fixtures/doctor/doctor-tree.ts';
import { placementFile } from '#fixtures/doctor/placement-file.ts';

async function findIn(text: string, files: Readonly<Record<string, string>> = {}) {
  const { findings } = await examineTree(makeDoctorTree({ vms: { 101: text }, files }));
  return findings;
}

const setTo = (after: string | null) => ({ kind: 'config', edits: [{ key: 'affinity', after }] });

describe('unknown-key', () => {
  it('removes what was meant to pin, once for each key, and shows every line', async () => {
    const [found] = await findIn('cores: 2\naffinity0: 4\nmemroy: 4096\naffinity0: 5\n');
    expect(found).toMatchObject({
      subject: 101,
      facts: { keys: ['affinity0', 'memroy'], pinning: ['affinity0'] },
      fix: { kind: 'config', edits: [{ key: 'affinity0', after: null }] },
    });
    expect(found?.evidence.map(({ line }) => line)).toEqual([2, 3, 4]);
  });

  it('leaves a key alone that a newer Proxmox may know', async () => {
    expect(await findIn('newkey: 1\n')).toMatchObject([{ facts: { pinning: [] }, fix: null }]);
  });
});

describe('affinity-zero', () => {
  it('is fixed by removing the line', async () => {
    expect(await findIn('affinity: 0\n')).toMatchObject([{ code: 'affinity-zero', fix: setTo(null) }]);
  });

  it('shows the pending line when that one counts', async () => {
    const [found] = await findIn('affinity: 4\n[PENDING]\naffinity: 0\n');
    expect(found?.evidence).toEqual([
      { file: '/etc/pve/nodes/pve1/qemu-server/101.conf', line: 3, text: 'affinity: 0' },
    ]);
  });
});

describe('affinity-breaks-start', () => {
  it.each([
    ['affinity: 4,5,', 'affinity-unreadable', setTo('4-5')],
    ['affinity: 0 , 40', 'affinity-unreadable', setTo('0-0')],
    ['affinity: 40,41,', 'affinity-unreadable', null],
    ['affinity: 40-43', 'affinity-cpus-missing', null],
  ])('offers for "%s", which is %s, only CPUs that are there', async (line, problem, fix) => {
    expect(await findIn(`${line}\n`)).toMatchObject([{ code: 'affinity-breaks-start', facts: { problem }, fix }]);
  });
});

describe('affinity-absent-cpus', () => {
  it('takes CPUs out of the list that the machine does not have', async () => {
    expect(await findIn('affinity: 30-33\n')).toMatchObject([
      { facts: { absent: cpuSet([32, 33]), used: cpuSet([30, 31]) }, fix: setTo('30-31') },
    ]);
  });

  it('leaves CPUs in the list that are only offline', async () => {
    const offline = { '/sys/devices/system/cpu/online': '0-4,6-31\n', '/sys/devices/system/cpu/cpu5/online': '0\n' };
    expect(await findIn('affinity: 4-5\n', offline)).toMatchObject([{ facts: { absent: cpuSet([5]) }, fix: null }]);
  });
});

describe('affinity-taken', () => {
  it('names every VM below that has some of the CPUs, and all that are taken', async () => {
    const vms = {
      101: 'cores: 2\naffinity: 2-3\n',
      102: 'cores: 2\naffinity: 4-5\n',
      103: 'cores: 4\naffinity: 3-6\n',
    };
    const { findings } = await examineTree(makeDoctorTree({ vms }));
    expect(findings).toMatchObject([
      { code: 'affinity-taken', subject: 103, facts: { cpus: cpuSet([3, 4, 5]), others: [101, 102] } },
    ]);
    expect(findings[0]?.evidence.map(({ text }) => text)).toEqual(['affinity: 3-6', 'affinity: 2-3', 'affinity: 4-5']);
  });

  it('blames the VM that is not placed, whatever its number', async () => {
    const vms = { 101: 'cores: 2\naffinity: 4-7\n', 102: 'cores: 2\naffinity: 0,4-5\n' };
    const { findings } = await examineTree(makeDoctorTree({ vms, files: placementFile({ 102: [4, 5] }) }));
    expect(findings.filter(({ code }) => code === 'affinity-taken')).toMatchObject([
      { subject: 101, facts: { cpus: cpuSet([4, 5]), others: [102] } },
    ]);
  });
});
