// What the reader of doctor's view finds, and what it takes for absent.
import { describe, expect, it } from 'vitest';
import { examineTree, makeDoctorTree } from '#fixtures/doctor/doctor-tree.ts';
import { makeTextTree } from '#fixtures/text-tree.ts';
import { HostError } from './host-error.ts';
import { readDoctorTexts } from './read-doctor-texts.ts';

describe('readDoctorView()', () => {
  it('takes what is not there for absent', async () => {
    const { view } = await examineTree(makeDoctorTree({}));
    expect(view).toMatchObject({ kernelConfig: null, recordedTopology: null, elsewhere: [], tasks: [], vms: [] });
    expect(view.texts).toMatchObject({ ksmRun: null, grub: null, grubSnippets: [], scopeCpus: [], haResources: null });
    expect(view.unknown).toEqual([]);
  });

  it('reads the kernel config of the release that runs', async () => {
    const files = {
      '/proc/sys/kernel/osrelease': '6.8.12-4-pve\n',
      '/boot/config-6.8.12-4-pve': 'CONFIG_NO_HZ_FULL=y\n',
      '/boot/config-6.5.13-1-pve': '# CONFIG_NO_HZ_FULL is not set\n',
    };
    const { view } = await examineTree(makeDoctorTree({ files }));
    expect(view.kernelConfig).toEqual({ file: '/boot/config-6.8.12-4-pve', text: 'CONFIG_NO_HZ_FULL=y\n' });
  });

  it('reads the guests of other nodes, and does not take them for guests of this one', async () => {
    const files = {
      '/etc/pve/nodes/pve2/qemu-server/201.conf': 'cores: 2\naffinity: 99\n',
      '/etc/pve/nodes/pve2/lxc/202.conf': 'cores: 1\n',
    };
    const { view, findings } = await examineTree(makeDoctorTree({ vms: { 101: 'cores: 1\n' }, files }));
    expect(view.vms.map(({ guest }) => guest.vmid)).toEqual([101]);
    expect(view.elsewhere).toMatchObject([
      { node: 'pve2', guest: { vmid: 201, kind: 'vm' } },
      { node: 'pve2', guest: { vmid: 202, kind: 'container' } },
    ]);
    expect(findings).toEqual([]);
  });

  it('gives each VM the values of its next start', async () => {
    const text = 'cores: 2\naffinity: 4\nnuma: 1\n[PENDING]\naffinity: 5\ndelete: numa\n[snap]\ncores: 8\n';
    const { view } = await examineTree(makeDoctorTree({ vms: { 101: text } }));
    expect(view.vms[0]?.next).toEqual(
      new Map([
        ['cores', '2'],
        ['affinity', '5'],
      ]),
    );
    expect([...(view.vms[0]?.config.snapshots.keys() ?? [])]).toEqual(['snap']);
  });
});

describe('readDoctorTexts()', () => {
  it('reads all files of a form, in order, and none beside', () => {
    const tree = makeTextTree(
      new Map([
        ['/etc/default/grub.d/zfs.cfg', 'b'],
        ['/etc/default/grub.d/installer.cfg', 'a'],
        ['/etc/default/grub.d/zfs.cfg.bak', 'c'],
        ['/sys/fs/cgroup/qemu.slice/101.scope/cpuset.cpus', '4-7\n'],
        ['/sys/fs/cgroup/lxc/cpuset.cpus', '\n'],
      ]),
    );
    const texts = readDoctorTexts(tree, []);
    expect(texts.grubSnippets.map(({ file }) => file)).toEqual([
      '/etc/default/grub.d/installer.cfg',
      '/etc/default/grub.d/zfs.cfg',
    ]);
    expect(texts.scopeCpus).toEqual([{ file: '/sys/fs/cgroup/qemu.slice/101.scope/cpuset.cpus', text: '4-7\n' }]);
    expect(texts.sliceCpus).toEqual([{ file: '/sys/fs/cgroup/lxc/cpuset.cpus', text: '\n' }]);
  });

  it('says what is there and cannot be read', () => {
    const tree = {
      list: () => [],
      read: (path: string) => {
        if (path === '/etc/pve/storage.cfg') throw new HostError('denied', 'permission denied');
        return null;
      },
    };
    const unknown: { path: string; reason: string }[] = [];
    expect(readDoctorTexts(tree, unknown).storage).toBeNull();
    expect(unknown).toEqual([{ path: '/etc/pve/storage.cfg', reason: 'permission denied' }]);
  });
});
