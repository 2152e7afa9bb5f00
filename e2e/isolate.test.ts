// Kernel parameters written for real boot loaders' own programs: GRUB's, and a stand-in for proxmox-boot-tool.
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { runBerth } from './berth.ts';
import { findGrubPackage } from './grub-package.ts';
import { resetNode, writeVmConfig } from './live-node.ts';
import { enterPrivateMounts, mountFile, mountOverlay, mountTmpfs, unmount } from './private-mounts.ts';

const SNIPPET = '/etc/default/grub.d/zz-berth.cfg';
const GRUB_CFG = '/boot/grub/grub.cfg';
const RELEASE = '6.8.12-4-pve';
/** This machine has CPUs 0 and 1; its own kernel is asked. */
const WORDS = ['isolcpus=managed_irq,domain,1', 'irqaffinity=0'];
const GRUB_LINE = `BOOT_IMAGE=/vmlinuz-${RELEASE} root=/dev/sda1 ro quiet`;
const SYSTEMD_LINE = `initrd=\\EFI\\proxmox\\${RELEASE}\\initrd.img-${RELEASE} root=ZFS=rpool/ROOT/pve-1 boot=zfs`;

/** It would look for the disk that `/` is on, which here is none that GRUB knows. */
const GRUB_PROBE = `#!/bin/sh
for word; do case $word in
  --target=device) echo /dev/sda1 ;; --target=fs) echo ext2 ;; --target=fs_uuid) echo 11111111-2222 ;;
esac; done
`;

/** Its partitions are directories. */
const BOOT_TOOL = `#!/bin/sh
echo "$1" >> /run/tool-calls
for esp in A B; do
  if [ "$1" = status ]; then echo "$esp is configured with: uefi (versions: ${RELEASE})"
  else cat /etc/kernel/cmdline > /boot/$esp/options || exit 1; fi
done
`;

function writeProgram(path: string, text: string): void {
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}

beforeAll(() => {
  const grub = findGrubPackage();
  enterPrivateMounts();
  mkdirSync('/run/programs/sbin', { recursive: true });
  writeProgram('/run/programs/sbin/grub-probe', GRUB_PROBE);
  mountOverlay('/usr', ['/run/programs', `${grub}/usr`], 'refused');
  mountOverlay('/etc', [`${grub}/etc`], 'kept');
  // The overlay shows what is below the directory, not what is mounted on it.
  mountTmpfs('/etc/pve', '16m');
  mountTmpfs('/boot', '16m');
  mkdirSync('/run/tools');
  writeProgram('/run/tools/proxmox-boot-tool', BOOT_TOOL);
});

beforeEach(() => {
  resetNode();
  for (const path of ['/etc/default/grub.d', '/etc/kernel', '/run/tool-calls'])
    rmSync(path, { recursive: true, force: true });
  for (const directory of ['/boot/grub', '/boot/A', '/boot/B', '/etc/default/grub.d', '/etc/kernel']) {
    mkdirSync(directory, { recursive: true });
  }
  for (const name of ['vmlinuz', 'initrd.img']) writeFileSync(`/boot/${name}-${RELEASE}`, 'x');
  writeFileSync(GRUB_CFG, '# as it was\n');
  writeFileSync('/etc/default/grub', 'GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX_DEFAULT="quiet"\nGRUB_CMDLINE_LINUX=""\n');
  writeVmConfig(100, { cores: 1 });
  mkdirSync('/etc/pve/berth', { recursive: true });
  writeFileSync('/etc/pve/berth/policy.yaml', 'guests:\n  100: { class: dedicated }\n');
  expect(runBerth(['apply', '--yes'])).toMatchObject({ code: 0 });
});

/** As if the machine had been booted with this line; its kernel knows nothing of it. */
function booted<T>(line: string, work: () => T): T {
  writeFileSync('/run/cmdline', `${line}\n`);
  mountFile('/run/cmdline', '/proc/cmdline');
  try {
    return work();
  } finally {
    unmount('/proc/cmdline');
  }
}

const isolate = (...args: string[]) =>
  runBerth(['isolate', ...args], { env: { PATH: `/run/tools:${process.env.PATH}` } });
const isolateJson = (...args: string[]) => JSON.parse(isolate('--json', ...args).stdout);

/** The kernel's lines of GRUB's configuration. */
const linuxLines = () =>
  readFileSync(GRUB_CFG, 'latin1')
    .split('\n')
    .filter(line => /^\s+linux\s/.test(line));

describe('with GRUB', () => {
  it('puts the parameters into every entry but that for recovery, and takes them out again', () => {
    booted(GRUB_LINE, () => {
      expect(isolate()).toMatchObject({ code: 2 });
      expect(existsSync(SNIPPET)).toBe(false);
      expect(isolate('--yes')).toMatchObject({ code: 2 });
      const [first = '', second = '', recovery = ''] = linuxLines();
      for (const word of WORDS) for (const line of [first, second]) expect(line.split(/\s+/)).toContain(word);
      expect(recovery).toMatch(/ single/);
      expect(recovery).not.toContain('isolcpus');
      expect(isolate('--verify').stdout).toContain('A reboot is needed');
    });
    // The line of a real entry; this machine's kernel was never told.
    booted(linuxLines()[0]?.replace(/^\s+linux\s+/, 'BOOT_IMAGE=') ?? '', () => {
      const { state, problems, written } = isolateJson('--verify');
      expect(state).toBe('not-as-asked');
      expect(problems).toContainEqual(expect.objectContaining({ kind: 'shortened', parameter: 'isolcpus', taken: '' }));
      expect(written).toEqual(expect.arrayContaining(WORDS));
      expect(isolate('--undo', '--yes')).toMatchObject({ code: 2 });
      expect(existsSync(SNIPPET)).toBe(false);
      expect(linuxLines().join()).not.toContain('isolcpus');
    });
    booted(GRUB_LINE, () => expect(isolate('--verify')).toMatchObject({ code: 0 }));
  });

  it.each<[string, () => void, RegExp]>([
    [
      'the command fails',
      () => writeFileSync('/etc/default/grub.d/broken.cfg', 'exit 3\n'),
      /exit code 3.*zz-berth\.cfg is as it was/,
    ],
    [
      'the defaults are no shell',
      () => writeFileSync('/etc/default/grub.d/zzz.cfg', 'if\n'),
      /zz-berth\.cfg is as it was/,
    ],
    [
      'there is no room',
      () => fillUp('/etc/default/grub.d'),
      /Cannot write \/etc\/default\/grub\.d\/zz-berth\.cfg: no space left/,
    ],
  ])('leaves every file as it was when %s', (_, spoil, message) => {
    spoil();
    const ended = booted(GRUB_LINE, () => isolate('--yes'));
    expect(ended.code).toBe(1);
    expect(`${ended.stdout}${ended.stderr}`).toMatch(message);
    expect(existsSync(SNIPPET)).toBe(false);
    expect(readFileSync(GRUB_CFG, 'latin1')).toBe('# as it was\n');
  });
});

function fillUp(directory: string): void {
  mountTmpfs(directory, '4k');
  onTestFinished(() => unmount(directory));
  writeFileSync(`${directory}/full.cfg`, '#'.repeat(4096));
}

describe('with systemd-boot', () => {
  const LINE = 'root=ZFS=rpool/ROOT/pve-1 boot=zfs\r\nlater\n';

  beforeEach(() => {
    writeFileSync('/etc/kernel/cmdline', LINE);
    writeFileSync('/etc/kernel/proxmox-boot-uuids', '1A2B-3C4D\n');
  });

  it('adds to the one line, refreshes every partition, and takes it back byte by byte', () => {
    booted(SYSTEMD_LINE, () => {
      expect(isolate('--yes')).toMatchObject({ code: 2 });
      const written = readFileSync('/etc/kernel/cmdline', 'latin1');
      expect(written).toMatch(
        /^root=ZFS=rpool\/ROOT\/pve-1 boot=zfs isolcpus=managed_irq,domain,1 .*irqaffinity=0\r\nlater\n$/,
      );
      expect(readFileSync('/boot/B/options', 'latin1')).toBe(written);
      expect(isolate('--undo', '--yes')).toMatchObject({ code: 0 });
      expect(readFileSync('/etc/kernel/cmdline', 'latin1')).toBe(LINE);
      expect(readFileSync('/boot/B/options', 'latin1')).toBe(LINE);
    });
  });

  it('leaves the line as it was when a partition is read-only', () => {
    mountOverlay('/boot/B', ['/run/programs'], 'refused');
    onTestFinished(() => unmount('/boot/B'));
    const ended = booted(SYSTEMD_LINE, () => isolate('--yes'));
    expect(ended.code).toBe(1);
    expect(ended.stdout).toMatch(
      /`proxmox-boot-tool refresh` failed.*\/etc\/kernel\/cmdline is as it was.*run it again/s,
    );
    expect(readFileSync('/etc/kernel/cmdline', 'latin1')).toBe(LINE);
    expect(readFileSync('/boot/A/options', 'latin1')).toBe(LINE);
  });
});
