// Which boot loader starts a host: signs of all kinds, and those that mean nothing.
import { describe, expect, it } from 'vitest';
import type { BootTexts } from './boot-config.ts';
import { findBootLoader } from './find-boot-loader.ts';

const GRUB = 'BOOT_IMAGE=/boot/vmlinuz-6.8.12-4-pve root=/dev/mapper/pve-root ro quiet\n';
const GRUB_ZFS = 'BOOT_IMAGE=/vmlinuz-6.8.12-4-pve root=ZFS=rpool/ROOT/pve-1 ro boot=zfs\n';
const SYSTEMD_BOOT =
  'initrd=\\EFI\\proxmox\\6.8.12-4-pve\\initrd.img-6.8.12-4-pve root=ZFS=rpool/ROOT/pve-1 boot=zfs\n';
const UUIDS = '1A2B-3C4D\n5E6F-7A8B\n';
const STATUS = (mode: string, other = mode) =>
  `Re-executing in a private mount namespace\nSystem currently booted with uefi\n1A2B-3C4D is configured with: ${mode} (versions: 6.8.12-4-pve)\n5E6F-7A8B is configured with: ${other} (versions: 6.8.12-4-pve)\n`;

interface Host {
  readonly running?: string;
  readonly uuids?: string;
  readonly kernelLine?: string;
  readonly hasGrub?: boolean;
  readonly status?: string;
  readonly firmware?: string;
}

function find({ running, uuids, kernelLine, hasGrub = true, status, firmware }: Host) {
  const source = (file: string, text: string | undefined) => (text === undefined ? null : { file, text });
  const texts: BootTexts = {
    commandLine: source('/proc/cmdline', running),
    kernelCommandLine: source('/etc/kernel/cmdline', kernelLine),
    bootUuids: source('/etc/kernel/proxmox-boot-uuids', uuids),
    grub: hasGrub ? { file: '/etc/default/grub', text: '' } : null,
    grubSnippets: [],
  };
  const found = findBootLoader({ texts, toolStatus: status ?? null, firmwareProgram: firmware ?? null });
  return found.kind === 'found' ? found.loader : found.why;
}

describe('findBootLoader()', () => {
  it.each<[string, Host, string]>([
    ['plain GRUB', { running: GRUB }, 'grub'],
    ['plain GRUB, started by shim', { running: GRUB, firmware: '\\EFI\\debian\\shimx64.efi' }, 'grub'],
    ['GRUB although the installer has written /etc/kernel/cmdline', { running: GRUB, kernelLine: 'root=x\n' }, 'grub'],
    ['GRUB with a list of partitions that is empty', { running: GRUB, uuids: '\n# none\n' }, 'grub'],
    ['GRUB on ESPs', { running: GRUB_ZFS, uuids: UUIDS, status: STATUS('grub') }, 'grub-on-esp'],
    ['GRUB on ESPs, the tool not asked', { running: GRUB_ZFS, uuids: UUIDS }, 'grub-on-esp'],
    [
      'systemd-boot',
      {
        running: SYSTEMD_BOOT,
        uuids: UUIDS,
        status: STATUS('uefi'),
        firmware: '\\EFI\\systemd\\systemd-bootx64.efi',
      },
      'systemd-boot',
    ],
    ['systemd-boot on a host that has /etc/default/grub', { running: SYSTEMD_BOOT, uuids: UUIDS }, 'systemd-boot'],
    [
      'a line without a sign, the firmware tells',
      { running: 'root=x\n', firmware: '\\EFI\\proxmox\\grubx64.efi' },
      'grub',
    ],
  ])('finds %s', (_, host, loader) => {
    expect(find(host)).toBe(loader);
  });

  it.each<[string, Host, string]>([
    ['a line without a sign', { running: 'console=ttyS0\n', kernelLine: 'root=x\n' }, 'no-sign'],
    ['no line', {}, 'no-sign'],
    ['another program of the firmware', { running: 'root=x\n', firmware: '\\EFI\\refind\\refind_x64.efi' }, 'no-sign'],
    ['ESPs of two kinds', { running: SYSTEMD_BOOT, uuids: UUIDS, status: STATUS('uefi', 'grub') }, 'signs-differ'],
    ['ESPs for another loader', { running: GRUB_ZFS, uuids: UUIDS, status: STATUS('uefi') }, 'signs-differ'],
    [
      'a firmware that started another one',
      { running: GRUB, firmware: '\\EFI\\systemd\\systemd-bootx64.efi' },
      'signs-differ',
    ],
    ['systemd-boot without the tool', { running: SYSTEMD_BOOT }, 'unmanaged'],
    ['GRUB without its defaults', { running: GRUB, hasGrub: false }, 'no-defaults'],
  ])('does not guess for %s', (_, host, why) => {
    expect(find(host)).toBe(why);
  });
});
