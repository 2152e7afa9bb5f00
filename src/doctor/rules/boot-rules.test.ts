// Which parameters the rules name, and the lines that they show.
import { expect, it } from 'vitest';
import { examineTree, makeDoctorTree } from '#fixtures/doctor/doctor-tree.ts';
import { bootRules } from './boot-rules.ts';

const GRUB = 'BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1';
const SYSTEMD_BOOT = 'initrd=\\EFI\\proxmox\\6.8.12-4-pve\\initrd.img root=ZFS=rpool';

async function findIn(files: Readonly<Record<string, string>>) {
  const { findings } = await examineTree(makeDoctorTree({ files }));
  return findings
    .filter(({ code }) => code in bootRules)
    .map(({ code, facts, evidence }) => ({
      code,
      ...facts,
      lines: evidence.map(({ file, line }) => `${file}:${line}`),
    }));
}

it('boot-loader-unused and boot-parameter-pending name each parameter once, by where it is written', async () => {
  const files = {
    '/proc/cmdline': `${SYSTEMD_BOOT} iommu=pt\n`,
    '/etc/kernel/proxmox-boot-uuids': '1A2B-3C4D\n',
    '/etc/kernel/cmdline': 'root=ZFS=rpool iommu=pt nosmt\n',
    '/etc/default/grub': 'GRUB_CMDLINE_LINUX_DEFAULT="quiet nosmt skew_tick=1"\n',
    '/etc/default/grub.d/pages.cfg': 'GRUB_CMDLINE_LINUX="hugepages=4"\n',
  };
  expect(await findIn(files)).toEqual([
    {
      code: 'boot-loader-unused',
      loader: 'systemd-boot',
      parameters: ['hugepages=4', 'skew_tick=1'],
      lines: ['/etc/default/grub.d/pages.cfg:1', '/etc/default/grub:1', '/proc/cmdline:1'],
    },
    {
      code: 'boot-parameter-pending',
      loader: 'systemd-boot',
      parameters: ['nosmt'],
      lines: ['/etc/kernel/cmdline:1', '/proc/cmdline:1'],
    },
  ]);
});

it('boot-parameter-pending says nothing of a host whose boot loader cannot be told', async () => {
  const files = { '/proc/cmdline': 'root=/dev/sda1\n', '/etc/default/grub': 'GRUB_CMDLINE_LINUX="nosmt"\n' };
  expect(await findIn(files)).toEqual([]);
  expect(await findIn({ ...files, '/proc/cmdline': `${GRUB}\n` })).toMatchObject([{ code: 'boot-parameter-pending' }]);
});

it('boot-loader-unused does not take a list of partitions for a sign of systemd-boot when GRUB has booted', async () => {
  const files = {
    '/proc/cmdline': `${GRUB} nosmt\n`,
    '/etc/kernel/proxmox-boot-uuids': '1A2B-3C4D\n',
    '/etc/default/grub': 'GRUB_CMDLINE_LINUX="nosmt"\n',
  };
  expect(await findIn(files)).toEqual([]);
});
