// Kernel parameters on real files, with stand-ins for the commands of boot loaders: taken back byte for byte when anything fails.
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BOOT_FILES, editKernelLine, encodeGrubSnippet, GRUB_SNIPPET, KERNEL_LINE } from '#boot/boot-files.ts';
import type { BootEdit } from '#domain/boot-isolation.ts';
import type { StepRecord } from '#domain/journal.ts';
import { makeTemporaryTree } from '#fixtures/temporary-tree.ts';
import type { Host } from '#host/host.ts';
import { openHost } from '#host/open-host.ts';
import { applyBootEdit } from './apply-boot-edit.ts';
import { readBootRecords } from './boot-records.ts';
import { applyBoot, bootState } from './boot-step.ts';
import { inverseOf } from './steps.ts';
import { undoEntry } from './undo-entry.ts';

const WORDS = ['isolcpus=managed_irq,domain,4-7', 'nohz_full=4-7'];
const LINE = 'root=ZFS=rpool/ROOT/pve-1 boot=zfs\r\n# later\n';

const edits = {
  grub: { loader: 'grub', before: null, after: encodeGrubSnippet(WORDS), words: { before: [], after: WORDS } },
  'systemd-boot': {
    ...{ loader: 'systemd-boot', before: LINE, after: editKernelLine(LINE, [], WORDS) },
    words: { before: [], after: WORDS },
  },
} satisfies Record<string, BootEdit>;

const recordOf = (edit: BootEdit) => ({ kind: 'boot', ...edit }) as const;
const turned = (edit: BootEdit) => inverseOf(recordOf(edit)) as Extract<StepRecord, { kind: 'boot' }>;

/** A tree that is taken for the live host, with a directory of its own for commands. */
function makeHost(): { host: Host; root: string; command: (name: string, script: string) => void } {
  const root = makeTemporaryTree({
    [KERNEL_LINE.slice(1)]: LINE,
    'etc/default/grub.d/installer.cfg': '',
    'boot/grub/grub.cfg': 'linux /vmlinuz root=x\n',
    'bin/true': '',
  });
  const path = process.env.PATH;
  process.env.PATH = `${root}/bin`;
  onTestFinished(() => {
    process.env.PATH = path;
  });
  const command = (name: string, script: string) => {
    writeFileSync(`${root}/bin/${name}`, `#!/bin/sh\ncd ${root}\necho called >> calls\n${script}\n`);
    chmodSync(`${root}/bin/${name}`, 0o755);
  };
  return { host: { ...openHost(root), simulated: false }, root, command };
}

const calls = (root: string) =>
  existsSync(`${root}/calls`) ? readFileSync(`${root}/calls`, 'latin1').trim().split('\n').length : 0;

/** What GRUB's own command does, as far as it matters here; by a shell, since no program is on its path. */
const MAKE_CONFIG = `{ echo linux; while read -r line; do echo "$line"; done < .${GRUB_SNIPPET}; } > boot/grub/grub.cfg 2>&1 || :`;

describe('applyBoot()', () => {
  it('writes the file of GRUB, lets it make its configuration, and takes both back', async () => {
    const { host, root, command } = makeHost();
    command('update-grub', MAKE_CONFIG);
    await applyBoot(recordOf(edits.grub), host);
    expect(host.read(GRUB_SNIPPET)).toBe(edits.grub.after);
    expect(host.read('/boot/grub/grub.cfg')).toContain('nohz_full=4-7');
    expect(bootState(recordOf(edits.grub), host)).toBe('after');
    await applyBoot(turned(edits.grub), host);
    expect([host.read(GRUB_SNIPPET), calls(root)]).toEqual([null, 2]);
  });

  it('writes the line of systemd-boot and takes it back, byte by byte', async () => {
    const { host, command } = makeHost();
    command('proxmox-boot-tool', '[ "$1" = refresh ]');
    await applyBoot(recordOf(edits['systemd-boot']), host);
    expect(host.read(KERNEL_LINE)).toBe(`root=ZFS=rpool/ROOT/pve-1 boot=zfs ${WORDS.join(' ')}\r\n# later\n`);
    await applyBoot(turned(edits['systemd-boot']), host);
    expect(host.read(KERNEL_LINE)).toBe(LINE);
  });

  it.each<[string, string, RegExp, number]>([
    [
      'fails',
      'echo "no space left on device" >&2; exit 1',
      /exit code 1: no space left on device.*is as it was; .*run it again/,
      2,
    ],
    [
      'fails for one of several partitions, as one that is read-only',
      'if grep -q isolcpus etc/kernel/cmdline; then exit 30; fi',
      /exit code 30.*is as it was, and the boot loader was told so/,
      2,
    ],
  ])('puts the line back when the command %s', async (_, script, message, count) => {
    const { host, root, command } = makeHost();
    process.env.PATH += ':/usr/bin:/bin';
    command('proxmox-boot-tool', script);
    await expect(applyBoot(recordOf(edits['systemd-boot']), host)).rejects.toThrow(message);
    expect(host.read(KERNEL_LINE)).toBe(LINE);
    expect(calls(root)).toBe(count);
  });

  it('puts the file back when there is no such command', async () => {
    const { host } = makeHost();
    const failed = applyBoot(recordOf(edits.grub), host);
    await expect(failed).rejects.toMatchObject({ reason: 'missing' });
    await expect(failed).rejects.toThrow(/Cannot run `update-grub`: no such file or directory\. \S+ is as it was$/);
    expect(host.read(GRUB_SNIPPET)).toBeNull();
  });

  it('does not believe a command that succeeds and passes nothing on', async () => {
    const { host, root, command } = makeHost();
    command('update-grub', ':');
    await expect(applyBoot(recordOf(edits.grub), host)).rejects.toThrow('/boot/grub/grub.cfg has no isolcpus=');
    expect([host.read(GRUB_SNIPPET), calls(root)]).toEqual([null, 2]);
  });

  it('says so when not even the old text can be put back', async () => {
    const { host, root, command } = makeHost();
    process.env.PATH += ':/usr/bin:/bin';
    command('proxmox-boot-tool', 'rm etc/kernel/cmdline; mkdir etc/kernel/cmdline; exit 1');
    await expect(applyBoot(recordOf(edits['systemd-boot']), host)).rejects.toThrow(
      /could not be put back.*the journal has its text/,
    );
    rmSync(`${root}/etc/kernel/cmdline`, { recursive: true });
  });

  it('begins nothing where the file cannot be written', async () => {
    const { host, root, command } = makeHost();
    command('update-grub', MAKE_CONFIG);
    rmSync(`${root}/etc/default/grub.d`, { recursive: true });
    await expect(applyBoot(recordOf(edits.grub), host)).rejects.toMatchObject({ reason: 'missing' });
    expect(calls(root)).toBe(0);
  });

  it('leaves alone what somebody else has changed', async () => {
    const { host, root, command } = makeHost();
    command('update-grub', MAKE_CONFIG);
    host.replaceFile(GRUB_SNIPPET, '# mine\n');
    await expect(applyBoot(recordOf(edits.grub), host)).rejects.toThrow('was changed by somebody else');
    expect([host.read(GRUB_SNIPPET), calls(root)]).toEqual(['# mine\n', 0]);
  });

  it('takes its words out of a line that somebody has edited since, and nothing else', async () => {
    const { host, command } = makeHost();
    command('proxmox-boot-tool', ':');
    await applyBoot(recordOf(edits['systemd-boot']), host);
    host.replaceFile(KERNEL_LINE, (host.read(KERNEL_LINE) ?? '').replace('boot=zfs', 'boot=zfs iommu=pt'));
    expect(bootState(recordOf(edits['systemd-boot']), host)).toBe('after');
    await applyBoot(turned(edits['systemd-boot']), host);
    expect(host.read(KERNEL_LINE)).toBe(LINE.replace('boot=zfs', 'boot=zfs iommu=pt'));
  });

  it('refuses a line that has lost some of its words', async () => {
    const { host, command } = makeHost();
    command('proxmox-boot-tool', ':');
    await applyBoot(recordOf(edits['systemd-boot']), host);
    host.replaceFile(KERNEL_LINE, `root=x ${WORDS[0]}\n`);
    expect(bootState(recordOf(edits['systemd-boot']), host)).toHaveProperty('foreign');
  });
});

class PowerCut extends Error {}

/** Dead from its `n`-th change on. */
function hostThatDiesAt(host: Host, n: number): Host {
  let changes = 0;
  return {
    ...host,
    replaceFile: (...args) => {
      if (++changes >= n) throw new PowerCut();
      host.replaceFile(...args);
    },
  };
}

const now = () => new Date(0);

describe.each(['grub', 'systemd-boot'] as const)('after a power cut, with %s', loader => {
  const edit = edits[loader];
  const { path } = BOOT_FILES[loader];
  const apply = (host: Host) =>
    applyBootEdit(edit, { context: { host, qm: null }, node: 'pve1', readEdit: async () => edit, now });
  const undo = (host: Host, id: string) => undoEntry(id, { context: { host, qm: null }, now });

  it('between the file and the command of an undo, the next undo tells the loader all the same', async () => {
    const { host, command } = makeHost();
    command('update-grub', MAKE_CONFIG);
    command('proxmox-boot-tool', ': > told; while read -r line; do echo "$line" >> told; done < etc/kernel/cmdline');
    await apply(host);
    host.replaceFile(path, edit.before);
    await undo(host, '0001');
    expect(host.read(path)).toBe(edit.before);
    expect(`${host.read('/told')}${host.read('/boot/grub/grub.cfg')}`).not.toContain('isolcpus');
  });

  it('at any change of an apply or an undo, undo gives every byte back and tells the loader', async () => {
    for (const dies of ['apply', 'undo'] as const) {
      for (let n = 1; ; n++) {
        const { host, root, command } = makeHost();
        command('update-grub', MAKE_CONFIG);
        command(
          'proxmox-boot-tool',
          ': > told; while read -r line; do echo "$line" >> told; done < etc/kernel/cmdline',
        );
        mkdirSync(`${root}/var/lib`, { recursive: true });
        if (dies === 'undo') await apply(host);
        const dying = hostThatDiesAt(host, n);
        const work = dies === 'apply' ? apply(dying) : undo(dying, '0001');
        const isComplete = await work.then(
          () => true,
          (error: unknown) => {
            expect(error).toBeInstanceOf(PowerCut);
            return false;
          },
        );
        for (const id of readBootRecords(host).entries) await undo(host, id);
        expect(host.read(path), `${dies}, change ${n}`).toBe(edit.before);
        expect(`${host.read('/told')}${host.read('/boot/grub/grub.cfg')}`, `${dies}, change ${n}`).not.toContain(
          'isolcpus',
        );
        expect(readBootRecords(host).entries).toEqual([]);
        if (isComplete) {
          expect(n).toBeGreaterThan(4);
          break;
        }
      }
    }
  });
});
