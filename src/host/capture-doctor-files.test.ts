// Doctor finds on a capture what it finds on the host, and the capture holds no name that it looked at.
import { describe, expect, it } from 'vitest';
import type { DoctorFinding } from '#domain/doctor-finding.ts';
import { doctorCases } from '#fixtures/doctor/doctor-cases.ts';
import { type DoctorTree, examineTree, makeDoctorTree } from '#fixtures/doctor/doctor-tree.ts';
import { makeTextHost } from '#fixtures/text-host.ts';
import { captureHost } from './capture-host.ts';

const hosts = Object.entries(doctorCases).flatMap(([code, { triggers }]) =>
  Object.entries(triggers)
    .slice(0, 1)
    .map(([name, tree]) => ({ code, name, tree })),
);

const capture = async (tree: DoctorTree): Promise<DoctorTree> => (await captureHost(makeTextHost(tree))).files;

const withoutText = ({ code, impact, subject, fix }: DoctorFinding) => ({ code, impact, subject, fix: fix?.kind });

describe('captureDoctorFiles()', () => {
  it.each(hosts)('keeps what is needed to find $code: $name', async ({ tree }) => {
    const onHost = (await examineTree(tree)).findings;
    const onCapture = (await examineTree(await capture(tree))).findings;
    expect(onCapture.map(withoutText)).toEqual(onHost.map(withoutText));
  });

  it('keeps the facts and the numbers of the lines where no name is among them', async () => {
    const tree = makeDoctorTree({
      vms: {
        101: 'cores: 4\nname: secret\nmemory: 4096\nnuma: 1\nnuma0: cpus=0-3,memory=2048,hostnodes=0,policy=bind\n',
        102: 'memory: 4096\nname: secret\nhugepages: 2\n[PENDING]\naffinity: 4,5,\n',
      },
      files: { '/proc/cmdline': 'root=/dev/mapper/secret isolcpus=0-3 customer=secret\n' },
    });
    const places = ({ code, facts, evidence }: DoctorFinding) => ({
      code,
      facts,
      lines: evidence.map(({ line }) => line),
    });
    const onHost = (await examineTree(tree)).findings;
    const captured = await capture(tree);
    expect((await examineTree(captured)).findings.map(places)).toEqual(onHost.map(places));
    expect(onHost.length).toBeGreaterThan(3);
    expect([...captured.values()].join('')).not.toContain('secret');
  });

  it('keeps no name of a node, a storage, a pool, a file or a device', async () => {
    const files = {
      '/etc/pve/nodes/secret-node/qemu-server/201.conf':
        'cores: 2\nname: secret-vm\nhookscript: secret-store:snippets/secret.pl\n',
      '/etc/pve/datacenter.cfg': 'email_from: secret@example.org\nregistered-tags: secret-tag\ncrs: ha=static\n',
      '/etc/pve/storage.cfg':
        'nfs: secret-store\n\tpath /mnt/pve/secret-store\n\tserver secret-server\n\tnodes secret-node,pve1\n\tcontent snippets\n',
      '/mnt/pve/secret-store/snippets/secret.pl': '#!/usr/bin/perl\n# secret\n',
      '/var/lib/vz/snippets/secret.sh': 'echo secret\n',
      '/etc/pve/ha/resources.cfg': 'vm: 101\n\tgroup secret-group\n\tstate started\n\tcomment secret\n',
      '/etc/pve/ha/rules.cfg':
        'node-affinity: secret-rule\n\tnodes secret-node:2,pve1\n\tresources vm:101\n\tstrict 1\n',
      '/etc/pve/mapping/pci.cfg':
        'secret-card\n\tdescription secret\n\tmap id=8086:1572,node=secret-node,path=0000:81:00.0\n',
      '/proc/spl/kstat/zfs/secret-pool/state': 'ONLINE\n',
      '/sys/fs/cgroup/secret.slice/cpuset.cpus': '0-3\n',
      '/proc/interrupts': '           CPU0       CPU1\n 45:  1  2  IR-PCI-MSI 524288-edge  secret0-TxRx-0\n',
      '/etc/default/grub': '# secret\nGRUB_DISTRIBUTOR="secret"\nGRUB_CMDLINE_LINUX="quiet isolcpus=4-7 ip=secret"\n',
      '/etc/kernel/cmdline': 'root=ZFS=secret/ROOT isolcpus=4-7\n',
      '/etc/systemd/system.conf': '[Manager]\n#secret\nCPUAffinity=0-3\nDefaultEnvironment=secret\n',
      '/etc/pve/corosync.conf': 'cluster_name: secret\n',
      '/etc/pve/berth/hooks/201': 'volume: secret-store:snippets/secret.pl\npath: /mnt/pve/secret-store/secret.pl\n',
      '/etc/pve/ceph.conf': '[global]\n fsid = secret\n',
      '/proc/sys/kernel/osrelease': '6.8.12-4-pve-secret\n',
    };
    const captured = await capture(
      makeDoctorTree({ vms: { 101: 'cores: 2\nhostpci0: mapping=secret-card\n' }, files }),
    );
    expect([...captured].flat().join('\n')).not.toMatch(/secret/i);
    expect(captured.get('/etc/pve/nodes/node2/qemu-server/201.conf')).toContain('hookscript: storage1:snippets/file');
    expect(captured.get('/etc/pve/berth/hooks/201')).toMatch(/^volume: storage1:snippets\/file\d\n$/);
    expect(captured.get('/etc/pve/storage.cfg')).toBe(
      'nfs: storage1\n\tpath /mnt/pve/storage1\n\n\tnodes node2,node\n\tcontent snippets\n',
    );
    expect([...captured.keys()].filter(path => path.startsWith('/mnt/pve/storage1/snippets/file'))).toHaveLength(1);
    expect(captured.get('/etc/pve/ha/rules.cfg')).toBe(
      'node-affinity: rule2\n\tnodes node2:2,node\n\tresources vm:101\n\tstrict 1\n',
    );
    expect(captured.get('/etc/pve/mapping/pci.cfg')).toBe(
      'mapping1\n\n\tmap id=8086:1572,node=node2,path=0000:81:00.0\n',
    );
    expect(captured.get('/etc/pve/nodes/node/qemu-server/101.conf')).toContain('hostpci0: mapping=mapping1\n');
    expect(captured.get('/etc/default/grub')).toBe('\n\nGRUB_CMDLINE_LINUX="redacted isolcpus=4-7 redacted"\n');
    expect(captured.get('/etc/kernel/cmdline')).toBe('root=redacted isolcpus=4-7\n');
    expect(captured.get('/etc/pve/datacenter.cfg')).toBe('\nregistered-tags: tag1\ncrs: ha=static\n');
  });

  it('keeps the ignore list of the policy, without its reasons', async () => {
    const tree = makeDoctorTree({
      vms: { 101: 'affinity: 0\n' },
      files: {
        '/etc/pve/berth/policy.yaml': 'doctor: { ignore: [{ code: affinity-zero, guests: [101], reason: secret }] }\n',
      },
    });
    const { view } = await examineTree(await capture(tree));
    expect(view.policy.ignore).toEqual([{ code: 'affinity-zero', guests: [101], reason: 'redacted' }]);
  });
});
