// What is read about a host's boot, from a tree that has it and from one that has nothing.
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodeIdList } from '#domain/id-list.ts';
import { makeTextHost } from '#fixtures/text-host.ts';
import { readBootState } from './read-boot-state.ts';

const VENDOR = '8be4df61-93ca-11d2-aa0d-00e098032b8c';
const wide = (text: string) => [...text].map(char => `${char}\0`).join('');

const read = (files: Readonly<Record<string, string>>) => readBootState(makeTextHost(new Map(Object.entries(files))));

describe('readBootState()', () => {
  it('reads snippets as the shell expands *.cfg, in the order of their names', async () => {
    const names = ['b.cfg', 'a.cfg', '.hidden.cfg', 'c.cfg.dpkg-old', 'README'];
    const files = Object.fromEntries(names.map(name => [`/etc/default/grub.d/${name}`, '']));
    const { grub, grubSnippets } = (await read({ ...files, '/etc/default/grub': 'A=1\n' })).clues.texts;
    expect(grub).toEqual({ file: '/etc/default/grub', text: 'A=1\n' });
    expect(grubSnippets.map(({ file }) => file)).toEqual(['/etc/default/grub.d/a.cfg', '/etc/default/grub.d/b.cfg']);
  });

  it.each([
    ['the file of this release', { '/boot/config-6.8.12-4-pve': 'CONFIG_NO_HZ_FULL=y\n' }, true],
    ['the kernel itself', { '/proc/config.gz': gzipSync('CONFIG_NO_HZ_FULL=y\n').toString('latin1') }, true],
    ['no file that is damaged', { '/proc/config.gz': 'CONFIG_NO_HZ_FULL=y\n' }, null],
    ['no file of another release', { '/boot/config-6.5.13-1-pve': 'CONFIG_NO_HZ_FULL=y\n' }, null],
  ])('learns from %s what the kernel was built with', async (_, files, nohzFull) => {
    const { kernel } = await read({ ...files, '/proc/sys/kernel/osrelease': '6.8.12-4-pve\n' });
    expect(kernel).toMatchObject({ release: '6.8.12-4-pve', nohzFull });
  });

  it('asks the firmware which program it started', async () => {
    const variables = '/sys/firmware/efi/efivars';
    const { clues } = await read({
      [`${variables}/BootCurrent-${VENDOR}`]: '\x06\0\0\0\x02\0',
      [`${variables}/Boot0001-${VENDOR}`]: wide('\\EFI\\debian\\shimx64.efi'),
      [`${variables}/Boot0002-${VENDOR}`]: wide('\\EFI\\systemd\\systemd-bootx64.efi'),
    });
    expect(clues.firmwareProgram).toBe('\\EFI\\systemd\\systemd-bootx64.efi');
  });

  it("takes the kernel's records apart", async () => {
    const { log } = await read({
      '/dev/kmsg': '6,5,0,-;NO_HZ: Full dynticks CPUs: 1-3.\n4,6,0,-;a; b\nno record\n',
    });
    expect(log?.slice(0, 3)).toEqual(['NO_HZ: Full dynticks CPUs: 1-3.', 'a; b', 'no record']);
  });

  it('knows where interrupts begin', async () => {
    const { interruptCpus } = await read({ '/proc/irq/default_smp_affinity': '0000f9f9\n' });
    expect(interruptCpus && encodeIdList(interruptCpus)).toBe('0,3-8,11-15');
  });

  it('makes nothing up for a tree that has none of it', async () => {
    expect(await read({})).toMatchObject({
      clues: {
        texts: { commandLine: null, bootUuids: null, grubSnippets: [] },
        toolStatus: null,
        firmwareProgram: null,
      },
      kernel: { release: '', nohzFull: null, rcuNocbs: null },
      interruptCpus: null,
      log: null,
    });
  });
});
