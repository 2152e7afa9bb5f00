// `berth isolate` on a captured tree, from one state to the next, with its exit codes.
import { expect, it } from 'vitest';
import { makeBerthTree } from '#fixtures/berth-tree.ts';
import { makePaint } from '#report/paint.ts';
import type { CommandContext } from '../command-context.ts';
import { isolate } from './isolate.ts';

const SNIPPET = '/etc/default/grub.d/zz-berth.cfg';
const GRUB = 'GRUB_CMDLINE_LINUX_DEFAULT="quiet"\nGRUB_CMDLINE_LINUX=""\n';
const BOOTED = 'BOOT_IMAGE=/boot/vmlinuz-6.8.12-4-pve root=/dev/mapper/pve-root ro quiet';

function makeNode() {
  const tree = makeBerthTree({
    'etc/default/grub': GRUB,
    'etc/default/grub.d/installer.cfg': '# by the installer\n',
    'proc/cmdline': `${BOOTED}\n`,
    'proc/sys/kernel/osrelease': '6.8.12-4-pve\n',
    'boot/config-6.8.12-4-pve': 'CONFIG_NO_HZ_FULL=y\n',
  });
  let output = '';
  const collect = (text: string) => {
    output += text;
  };
  const context: CommandContext = {
    ...{ host: tree.host, json: false, paint: makePaint(false), color: false, width: 100 },
    ...{ print: collect, tell: collect, now: () => new Date(0) },
  };
  const run = async (options: { verify?: boolean; undo?: boolean; yes?: boolean } = {}) => {
    output = '';
    const code = await isolate(context, { verify: false, undo: false, yes: false, ...options });
    return { code, output };
  };
  return { tree, run };
}

it('goes from nothing to a plan, to what is written, to what is booted, and back; and refuses beside what others wrote', async () => {
  const { tree, run } = makeNode();
  expect(await run()).toMatchObject({ code: 1, output: expect.stringContaining('`berth apply` comes first') });
  expect(await run({ verify: true })).toMatchObject({ code: 0 });
  await tree.apply();
  const before = tree.files();

  const planned = await run();
  expect(planned).toMatchObject({ code: 2, output: expect.stringContaining('Nothing was written') });
  expect(tree.files()).toEqual(before);
  expect(await run({ verify: true })).toMatchObject({
    code: 0,
    output: expect.stringContaining('Nothing is written yet'),
  });

  const written = await run({ yes: true });
  expect(written).toMatchObject({ code: 2, output: expect.stringContaining('`update-grub` is not run') });
  expect(written.output).toContain('A reboot is needed');
  expect(tree.host.read('/etc/default/grub')).toBe(GRUB);
  const [, words = ''] = /_DEFAULT (isolcpus=[^"]+)"/.exec(tree.host.read(SNIPPET) ?? '') ?? [];
  expect(await run({ yes: true })).toMatchObject({ code: 2 });

  // The next boot: the kernel takes all of it, then all of it but one core.
  const [, cpus = ''] = /nohz_full=(\S+)/.exec(words) ?? [];
  tree.host.replaceFile('/proc/cmdline', `${BOOTED} ${words}\n`);
  for (const name of ['isolated', 'nohz_full']) tree.host.replaceFile(`/sys/devices/system/cpu/${name}`, `${cpus}\n`);
  expect(await run({ verify: true })).toMatchObject({
    code: 0,
    output: expect.stringContaining('does what it was asked'),
  });
  expect(await run()).toMatchObject({ code: 0 });
  tree.host.replaceFile('/sys/devices/system/cpu/isolated', '1,17\n');
  expect(await run({ verify: true })).toMatchObject({ code: 2, output: expect.stringContaining('[not-isolated]') });

  const undone = await run({ undo: true, yes: true });
  expect(undone).toMatchObject({ code: 2, output: expect.stringContaining('A reboot is needed') });
  expect(tree.host.read(SNIPPET)).toBeNull();
  tree.host.replaceFile('/proc/cmdline', `${BOOTED}\n`);
  expect(await run({ verify: true })).toMatchObject({ code: 0 });
  await expect(run({ undo: true, yes: true })).rejects.toThrow('Berth has written no kernel parameters here');

  tree.host.replaceFile('/etc/default/grub.d/mine.cfg', 'GRUB_CMDLINE_LINUX="isolcpus=2-3"\n');
  const refused = await run({ yes: true });
  expect(refused).toMatchObject({
    code: 1,
    output: expect.stringContaining('isolcpus=2-3 in /etc/default/grub.d/mine.cfg:1'),
  });
  expect(tree.host.read(SNIPPET)).toBeNull();
});
