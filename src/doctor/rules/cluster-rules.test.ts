// Which nodes a finding names, and what it says to register.
import { expect, it } from 'vitest';
import type { DoctorCode } from '#domain/doctor-finding.ts';
import { clusterCases } from '#fixtures/doctor/cluster-cases.ts';
import { examineTree, makeDoctorTree } from '#fixtures/doctor/doctor-tree.ts';

async function find(code: DoctorCode & keyof typeof clusterCases, name: string) {
  const { findings } = await examineTree(clusterCases[code].triggers[name] ?? new Map());
  return findings.find(finding => finding.code === code);
}

it('pins-travel tells nodes that are different from nodes that nobody knows', async () => {
  expect(await find('pins-travel', 'another machine')).toMatchObject({
    facts: { keys: ['affinity'], different: ['pve2'], unseen: [] },
  });
  expect(await find('pins-travel', 'a machine that nobody knows')).toMatchObject({
    facts: { keys: ['affinity'], different: [], unseen: ['pve2'] },
  });
});

it('pins-travel proves the way as well as the pins', async () => {
  const found = await find('pins-travel', 'disks that are replicated');
  expect(found?.evidence.map(({ file, text }) => `${file} ${text}`)).toEqual([
    '/etc/pve/nodes/pve1/qemu-server/101.conf affinity: 4-5',
    '/etc/pve/replication.cfg local: 101-0',
  ]);
});

it('hookscript-missing says what is missing', async () => {
  const problems = ['no such file', 'no such storage', 'a storage of another node', 'a storage that is disabled'];
  const found = await Promise.all(problems.map(name => find('hookscript-missing', name)));
  expect(found.map(finding => finding?.facts)).toMatchObject([
    { problem: 'file' },
    { problem: 'storage-unknown' },
    { problem: 'storage-elsewhere' },
    { problem: 'storage-unknown' },
  ]);
});

it('hookscript-not-elsewhere does not call absent what it cannot see', async () => {
  expect(await find('hookscript-not-elsewhere', 'a file of this node')).toMatchObject({
    facts: { absent: [], unseen: ['pve2'] },
  });
  expect(await find('hookscript-not-elsewhere', 'the other node has said that it has none')).toMatchObject({
    facts: { absent: ['pve2'], unseen: [] },
  });
});

it('tag-unregistered keeps the tags that are registered', async () => {
  expect(await find('tag-unregistered', 'others are')).toMatchObject({
    subject: 'host',
    facts: { tags: ['fast'], vmids: [101] },
    fix: {
      kind: 'commands',
      commands: [['pvesh', 'set', '/cluster/options', '--registered-tags', 'fast;faster;slow']],
    },
  });
});

it('passes over what another node has published and is not well-formed', async () => {
  const file = '/etc/pve/berth/nodes/pve2/topology.json';
  const { view } = await examineTree(makeDoctorTree({ files: { [file]: '{' } }));
  expect(view.published).toEqual([]);
  expect(view.unknown).toMatchObject([{ path: file }]);
});
